/** SpeedTable: what Speed has measured, for people, and which goals it reaches. */
import type { Chart } from "../Chart.ts"
import type { Goal, Section } from "../Part.ts"
import { figure } from "../Table.ts"
import type { Result } from "./Speed.ts"
import { kinds, type Name } from "./Values.ts"

type Operation = "encode" | "decode"

/** What ours has to reach, as a ratio of the other's time to its own. */
const goals: { readonly [label: string]: { readonly encode: number; readonly decode: number } } = {
  Foolscap: { encode: 50, decode: 50 },
  msgpackr: { encode: 0.8, decode: 0.6 }
}

/** All results for one direction; the first of each kind of values is ours. */
export const sectionOf = (operation: Operation, rounds: number, results: ReadonlyArray<Result>): Section => ({
  title: operation === "encode" ? "Encode" : "Decode",
  table: {
    left: 2,
    rows: [
      ["values", "contender", "MB", "ms", "MB/s", "M items/s", "ours is"],
      ...results.map((result) => rowOf(operation, result, ofOurs(results, result)))
    ]
  },
  notes: [
    `Medians of ${rounds} rounds; "ours is 2 x" means that the other takes twice as long, the median of the rounds' own ratios.`,
    `${[...new Set(results.map(({ name }) => name))].join("; ")}.`,
    ...(results.some(isScaled)
      ? ["Foolscap codes a tenth of the items where it says so; its figures are scaled."]
      : []),
    operation === "encode"
      ? "Ours, and Foolscap, hand a long byte string over without touching it; msgpackr copies it."
      : "Ours and Foolscap are given chunks of 64 KiB; msgpackr and JSON the whole. A byte string of msgpackr is a view.",
    "A - stands where nothing was copied, so that there is nothing to compare, and for the items of a single value.",
    ...Object.keys(goals).map((label) => verdict(operation, label, results))
  ]
})

const isScaled = ({ count, values }: Result) => count < kinds[values].count

const ofOurs = (results: ReadonlyArray<Result>, { values }: Result) =>
  results.find((result) => result.values === values && result.label === "ours")

/** No copy is made at 100 GB/s. */
const isCopied = (operation: Operation, result: Result | undefined) =>
  result !== undefined && result.bytes / result[operation].median < 1e8

const rowOf = (operation: Operation, result: Result, ours: Result | undefined): ReadonlyArray<string> => {
  const { bytes, label, values } = result
  const { count, title } = kinds[values]
  const { median, ratio } = result[operation]
  const copied = isCopied(operation, result)
  return [
    result === ours ? title : "",
    isScaled(result) ? `${label}, a tenth` : label,
    figure(bytes / 1e6),
    figure(median),
    copied ? figure(bytes / 1e3 / median) : "-",
    values === "blob" ? "-" : figure(count / 1e3 / median),
    result === ours ? "" : copied && isCopied(operation, ours) ? `${figure(ratio)} x` : "-"
  ]
}

/** The goals hold for every kind of values, so what counts is where ours does worst. */
export const goalsOf = (operation: Operation, results: ReadonlyArray<Result>): ReadonlyArray<Goal> =>
  Object.entries(goals).flatMap(([label, goal]) => {
    const [worst] = comparedWith(operation, label, results).toSorted((a, b) => a[operation].ratio - b[operation].ratio)
    if (worst === undefined) return []
    return [
      {
        what: `Banana, ${operation} ÷ ${label}, the least of all: ${kinds[worst.values].title}`,
        reached: worst[operation].ratio,
        aim: { atLeast: goal[operation] }
      }
    ]
  })

/** What is encoded and decoded in the charts. */
const charted: ReadonlyArray<Name> = ["ints", "records"]

export const chartsOf = (operation: Operation, results: ReadonlyArray<Result>): ReadonlyArray<Chart> =>
  charted
    .filter((name) => results.some(({ values }) => values === name))
    .map((name) => ({
      title: `${operation === "encode" ? "Encode" : "Decode"} ${kinds[name].title}`,
      unit: "thousand items a second, more is better",
      bars: results
        .filter(({ values }) => values === name)
        .map(({ [operation]: { median }, label }) => ({ label, value: kinds[name].count / median }))
    }))

/** Nothing is said where one of the two copied nothing. */
const comparedWith = (operation: Operation, label: string, results: ReadonlyArray<Result>) =>
  results
    .filter((result) => result.label === label)
    .filter((row) => isCopied(operation, row) && isCopied(operation, ofOurs(results, row)))

const verdict = (operation: Operation, label: string, results: ReadonlyArray<Result>): string => {
  const goal = goals[label]?.[operation] ?? 0
  const rows = results.filter((result) => result.label === label)
  const compared = comparedWith(operation, label, results)
  const missed = compared.filter((row) => row[operation].ratio < goal)
  const rest = rows.filter((row) => !compared.includes(row))
  return (
    [
      `Goal of ${goal} x ${label}: reached for ${compared.length - missed.length} of ${compared.length}`,
      ...(missed.length === 0
        ? []
        : [`not for ${missed.map((row) => `${row.values} (${figure(row[operation].ratio)} x)`).join(", ")}`]),
      ...(rest.length === 0 ? [] : [`not compared for ${rest.map(({ values }) => values).join(", ")}`])
    ].join("; ") + "."
  )
}
