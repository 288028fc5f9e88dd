/**
 * One run: some Tubs on a simulated network, some time in which things go wrong, and then the question whether they find
 * back to each other.
 */
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Random from "effect/Random"
import type { Counts } from "./Counts.ts"
import { Dice } from "./Dice.ts"
import * as Faults from "./Faults.ts"
import * as Hosts from "./Hosts.ts"
import { Ledger } from "./Ledger.ts"
import * as Plan from "./Plan.ts"
import { beat, longestPause, patience, type World } from "./Process.ts"
import { Tap } from "./Tap.ts"
import { VirtualTime } from "./VirtualTime.ts"

/**
 * How long it may take, in milliseconds from the moment when everything is mended, until every Tub that wants a link with
 * another has exactly one. A dial that was under way may last until the longest deadline on the slowest clock; meanwhile
 * both ends of every dead link notice the silence and close it; and after a pause the next dial succeeds.
 */
export const bound = Math.max(40_000 / 0.5, patience + beat + 5000) + longestPause + 20_000

/** How long everything has to stay as it is then, in milliseconds. */
const calm = 16_000

/** What came of a run. */
export interface Outcome {
  readonly seed: number
  readonly counts: Counts
  /** How much time went by in it, in milliseconds. */
  readonly lasted: number
  /** How long it took until every Tub had the links it wants, in milliseconds from when everything was mended. */
  readonly mended: number
  /** What must not have been so; empty for a run that went well. */
  readonly problems: ReadonlyArray<string>
}

/** Plays the run of a seed. `note` is told what happens, line by line. */
export const play = (seed: number, note?: (line: string) => void): Outcome => {
  const [planDice, orderDice, dice] = Effect.runSync(
    Effect.all([Dice.from(`${seed} plan`), Dice.from(`${seed} order`), Dice.from(`${seed} life`)])
  )
  const plan = Plan.draw(planDice)
  const time = new VirtualTime((tasks) => (plan.shuffles ? orderDice.between(0, tasks - 1) : 0))
  const ledger = new Ledger({ now: () => time.now, note })
  let mended = Infinity
  const program = Effect.gen(function* () {
    const network = yield* SimulatedNetwork.make({
      hosts: plan.tubs.map(({ host }) => host),
      seed,
      observe: new Tap((text) => ledger.problem(text)).observe
    })
    const world: World = { plan, time, network, ledger, dice, isRestless: true }
    for (const [a, b, way] of plan.ways) yield* network.change(a, b, way)
    yield* Faults.run(world, yield* Hosts.start(world))
    yield* mend(world)
    mended = yield* untilCalm(world)
  }).pipe(
    Effect.scoped,
    Effect.provideService(Random.Random, dice.random),
    Effect.provideService(Logger.CurrentLoggers, new Set([complaining(ledger)])),
    Effect.provideService(References.UnhandledLogLevel, "Error"),
    Effect.withTracerEnabled(false)
  )
  try {
    const { exit, left } = time.run(program, () => ledger.check())
    if (Exit.isFailure(exit)) ledger.problem(Cause.pretty(exit.cause))
    if (left.fibers !== 0) ledger.problem(`${left.fibers} fibers are left over`)
    if (left.sleepers !== 0) ledger.problem(`${left.sleepers} timers are left over`)
    if (!ledger.isIdle) ledger.problem("a negotiation is left over")
  } catch (cause) {
    ledger.problem(String(cause))
  }
  return { seed, counts: ledger.counts, lasted: time.now, mended, problems: ledger.problems }
}

/** Ends everything that goes wrong by itself, and makes every way a fair one. */
const mend = Effect.fnUntraced(function* (world: World) {
  const { ledger, network, plan } = world
  world.isRestless = false
  for (const [a, b] of plan.ways) {
    yield* network.change(a, b, { latency: 50, jitter: 20 })
    yield* network.heal(a, b)
  }
  ledger.say(() => "everything is mended")
})

/** Waits until everybody has been connected for a while, and says how long it took to get there. */
const untilCalm = Effect.fnUntraced(function* (world: World) {
  const { ledger, time } = world
  const began = time.now
  let since: number | undefined
  while (true) {
    yield* Effect.sleep(1000)
    const lonely = lonelyIn(world, began)
    since = lonely.length > 0 ? undefined : (since ?? time.now)
    if (since !== undefined && time.now - since >= calm) return since - began
    if (time.now - began <= bound + calm) continue
    for (const text of lonely) ledger.problem(text)
    if (lonely.length === 0) ledger.problem("everybody is connected, but it does not last")
    return Infinity
  }
})

/** Who wants a link and does not have exactly one that has worked both ways since `began`. */
const lonelyIn = ({ ledger, plan }: World, began: number): ReadonlyArray<string> =>
  plan.tubs.flatMap((tub) =>
    tub.wants.flatMap((wanted) => {
      const target = plan.tubs[wanted]
      if (target === undefined) return []
      const ours = ledger.liveBetween(tub.tubId, target.tubId)
      const theirs = ledger.liveBetween(target.tubId, tub.tubId)
      const [near] = ours
      const [far] = theirs
      const isOne = ours.length === 1 && theirs.length === 1 && near?.other === far && far?.other === near
      if (isOne && Math.min(near?.heardAt ?? 0, far?.heardAt ?? 0) >= began) return []
      return [
        `${tub.host} has ${ours.length} links with ${target.host}, which has ${theirs.length}; they should be one that works`
      ]
    })
  )

/** Nothing in a run is worth a warning: whoever logs one has met something that nobody has thought of. */
const complaining = (ledger: Ledger) =>
  Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn" || logLevel === "Error" || logLevel === "Fatal")
      ledger.problem(`logged: ${String(message)}`)
  })
