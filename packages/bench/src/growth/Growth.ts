/** Growth: what a negotiation costs when there is more that a Tub remembers, answers for, or has to try. */
import { startWorker } from "../Contender.ts"
import { type Findings, type Goal, type Options, planOf, progress, type Section } from "../Part.ts"
import * as Rounds from "../Rounds.ts"
import { figure } from "../Table.ts"
import { placeNames, type PlaceName, type Question, questionList, questions } from "./Questions.ts"

/** What is flat may cost so many times as much in the last step as in the first. */
const flatLimit = 1.3

/** What is linear may cost so many times as much for each one more in the upper steps as in the lower ones. */
const linearLimit = 1.5

interface Result {
  readonly question: Question
  readonly place: PlaceName
  readonly steps: ReadonlyArray<number>
  /** For each step, round by round, the milliseconds of processor time that one negotiation takes on both sides together. */
  readonly times: ReadonlyArray<Rounds.Times>
  /** How much there is in memory, for each process. */
  readonly heaps: ReadonlyArray<number>
}

export const run = async (options: Options): Promise<Findings> => {
  const results: Array<Result> = []
  for (const question of questionList) {
    for (const place of placesOf(options)) results.push(await measure(question, place, options))
  }
  const of = (question: Question) => results.filter((result) => result.question === question)
  return {
    sections: questionList.map((question) => sectionOf(question, of(question), planOf(options).counted)),
    goals: results.filter(({ place }) => place === "simulated").map(goalOf),
    data: results
  }
}

/** What grows shows where there is no TLS, and sooner. */
const placesOf = ({ quick }: Options): ReadonlyArray<PlaceName> => (quick ? ["simulated"] : placeNames)

/** The first, the middle and the last are what is compared. */
const stepsOf = (question: Question, { quick }: Options): ReadonlyArray<number> => {
  const { steps } = questions[question]
  const compared = [0, middleOf(steps), steps.length - 1]
  return steps.filter((_, at) => !quick || compared.includes(at))
}

const middleOf = ({ length }: ReadonlyArray<unknown>): number => Math.floor(length / 2)

/** Negotiations before the clock runs, for the engine to compile them, and in each turn. The simulated ones are cheap. */
const amounts = {
  simulated: { warming: 800, counted: 120 },
  sockets: { warming: 200, counted: 60 }
}

/**
 * Which steps one process takes. What is remembered has a process of its own in each step, because the garbage collector walks it
 * too. What only has to be done is done by one process for all steps: the engine does not compile a program in the same way each
 * time, and what a hint adds is less than that.
 */
const shares = (question: Question, steps: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  isFlat(question) ? steps.map((step) => [step]) : [steps]

const measure = async (question: Question, place: PlaceName, options: Options): Promise<Result> => {
  const steps = stepsOf(question, options)
  progress(`${questions[question].title}, ${place}`)
  const starting = shares(question, steps).map(async (some) => ({
    some,
    worker: await startWorker("growth/worker/growing.ts", place, question, ...some.map(String))
  }))
  try {
    const entries = await Promise.all(starting)
    const { counted, warming } = amounts[place]
    await Promise.all(
      entries.map(({ some, worker }) => {
        // A Tub that listens has its certificate read when it is dialled first.
        const least = question === "tubs" ? Math.max(...some) : 0
        return worker.ask({ do: "negotiate", count: Math.max(warming / some.length, least) })
      })
    )
    const turns = await Rounds.gather(planOf(options), entries, async ({ worker }) => {
      const { ms } = await worker.ask<{ readonly ms: ReadonlyArray<number> }>({ do: "negotiate", count: counted })
      return ms
    })
    const times = entries.flatMap(({ some }, entry) =>
      some.map((_, at) => (turns[entry] ?? []).map((ms) => ms[at] ?? Number.NaN))
    )
    const heaps: Array<number> = []
    for (const { worker } of entries) heaps.push((await worker.ask<{ readonly bytes: number }>({ do: "heap" })).bytes)
    return { question, place, steps, times, heaps }
  } finally {
    await Promise.allSettled(starting.map(async (entry) => (await entry).worker.end()))
  }
}

const nothing: Rounds.Times = []

/** How many times as much as in the first step. */
const ratioAt = ({ times: [first = nothing, ...more] }: Result, at: number): number =>
  at === 0 ? 1 : Rounds.ratio(first, more[at - 1] ?? nothing)

/** What each one more costs between two steps: the median of the rounds' own. */
const eachMore = ({ steps, times }: Result, from: number, to: number): number => {
  const [less = nothing, more = nothing] = [times[from], times[to]]
  const between = (steps[to] ?? Number.NaN) - (steps[from] ?? Number.NaN)
  return Rounds.median(more.map((ms, round) => (ms - (less[round] ?? Number.NaN)) / between))
}

const isFlat = (question: Question): boolean => questions[question].expected === "flat"

/** 1 is exactly what is expected. */
const growthOf = (result: Result): number => {
  const last = result.times.length - 1
  if (isFlat(result.question)) return ratioAt(result, last)
  const middle = middleOf(result.times)
  return eachMore(result, middle, last) / eachMore(result, 0, middle)
}

/** What is compared, in words. */
const comparedIn = (question: Question): string => {
  const { steps } = questions[question]
  const texts = steps.map((step) => step.toLocaleString("en"))
  const [first, middle, last] = [texts[0], texts[middleOf(texts)], texts.at(-1)]
  return isFlat(question)
    ? `a negotiation with ${last} ÷ with ${first}`
    : `each one more from ${middle} to ${last} ÷ from ${first} to ${middle}`
}

const limitOf = (question: Question): number => (isFlat(question) ? flatLimit : linearLimit)

const goalOf = (result: Result): Goal => ({
  what: `${questions[result.question].title}: ${comparedIn(result.question)}`,
  reached: growthOf(result),
  aim: { atMost: limitOf(result.question) }
})

const sectionOf = (question: Question, results: ReadonlyArray<Result>, rounds: number): Section => {
  const { expected, title } = questions[question]
  const [{ steps } = { steps: [] }] = results
  const cells = (result: Result, at: number): ReadonlyArray<string> => [
    figure(Rounds.median(result.times[at] ?? nothing)),
    figure(ratioAt(result, at)),
    ...(isFlat(question) ? [] : [at === 0 ? "" : figure(eachMore(result, at - 1, at))])
  ]
  return {
    title,
    table: {
      left: 0,
      rows: [
        [
          "",
          ...results.flatMap(({ place }) => [`${place}, ms`, "÷ first", ...(isFlat(question) ? [] : ["each more"])])
        ],
        ...steps.map((step, at) => [step.toLocaleString("en"), ...results.flatMap((result) => cells(result, at))])
      ]
    },
    notes: [
      `Processor time of one negotiation, both sides together, medians of ${rounds} rounds.`,
      ...(question === "peers" ? results.map(remembered) : []),
      ...results.map((result) => {
        const growth = growthOf(result)
        const reached = growth <= limitOf(question) ? "reached" : "not reached"
        return (
          `Expected to be ${expected}, ${result.place}: ${comparedIn(question)} at most ${limitOf(question)}: ` +
          `${reached} (${figure(growth)}).`
        )
      })
    ]
  }
}

/** There are two Tubs in the process, which both know as many. */
const remembered = ({ heaps, place, steps }: Result): string => {
  const peers = (steps.at(-1) ?? Number.NaN) - (steps[0] ?? Number.NaN)
  const bytes = ((heaps.at(-1) ?? Number.NaN) - (heaps[0] ?? Number.NaN)) / 2 / peers
  return `A Tub remembers a peer in ${bytes.toFixed(0)} bytes (${place}).`
}
