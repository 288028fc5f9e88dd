/**
 * What one run is made of, drawn from its seed: who there is, where they may be found, what their network and their
 * timers are like, and how long things go wrong.
 */
import { tcp, type LocationHint } from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import type { HandleOldPeers } from "@effect-foolscap/negotiation/policy/Duplicate"
import type { Way } from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import type * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import type { Dice } from "./Dice.ts"

/** One Tub, on a host of its own. */
export interface TubPlan {
  readonly tubId: TubId
  readonly host: string
  readonly ports: Arr.NonEmptyReadonlyArray<number>
  /** Where others look for it. At least one of these leads to it, if need be by a redirect. */
  readonly hints: Arr.NonEmptyReadonlyArray<LocationHint>
  /** The Tubs it keeps a link with. */
  readonly wants: ReadonlyArray<number>
  /** Whom it redirects. */
  readonly elsewhere: ReadonlyMap<TubId, Arr.NonEmptyReadonlyArray<LocationHint>>
  /** How much faster than the others' its clock goes. */
  readonly clock: number
  readonly deadline: Duration.Duration
  readonly dialDeadline: Duration.Duration
  readonly handleOldPeers: HandleOldPeers
}

/** One run. */
export interface Plan {
  readonly tubs: ReadonlyArray<TubPlan>
  readonly ways: ReadonlyArray<readonly [a: string, b: string, way: Way]>
  /** How long faults happen, in milliseconds. */
  readonly chaos: number
  /** How often, in milliseconds on average. */
  readonly between: number
  /** Whether fibers run in any order, or in the order in which they could go on. */
  readonly shuffles: boolean
}

const letters = "abcdefghijklmnopqrstuvwxyz234567".split("")

const tubIdFrom = (dice: Dice): TubId => TubId.make(Array.from({ length: 32 }, () => dice.one(letters)).join(""))

const wayFrom = (dice: Dice): Way => {
  const forgetAfter = dice.one([undefined, undefined, undefined, 30_000, 60_000])
  const chunk = dice.one([undefined, undefined, 16, 100, 1000])
  return {
    latency: dice.one([0, 1, 5, 20, 50, 100, 300, 1500]),
    jitter: dice.one([0, 0, 5, 50, 500]),
    ...(chunk === undefined ? {} : { chunk }),
    ...(forgetAfter === undefined ? {} : { forgetAfter })
  }
}

/** Draws a run. */
export const draw = (dice: Dice): Plan => {
  const count = dice.one([3, 3, 3, 4, 4, 5])
  const indices = Array.from({ length: count }, (_, index) => index)
  const tubIds = indices.map(() => tubIdFrom(dice))
  const hosts = indices.map((index) => `h${index}`)
  const ports = indices.map((): Arr.NonEmptyReadonlyArray<number> => (dice.chance(0.3) ? [4711, 4712] : [4711]))
  const elsewhere = indices.map(() => new Map<TubId, Arr.NonEmptyReadonlyArray<LocationHint>>())

  const otherThan = (index: number): number => dice.one(indices.filter((other) => other !== index))
  const port = (index: number): LocationHint => tcp(`h${index}`, dice.one(ports[index] ?? [4711]))
  /** A place that leads to the Tub, directly or by a redirect from another's port. */
  const leading = (index: number): LocationHint => {
    const by = otherThan(index)
    const tubId = tubIds[index]
    if (tubId === undefined || dice.chance(0.7)) return port(index)
    elsewhere[by]?.set(tubId, [port(index)])
    return port(by)
  }
  /** A place that may or may not: nobody listens, no such host, another Tub, which may know better. */
  const dubious = (index: number): LocationHint =>
    dice.one([
      () => tcp(`h${index}`, 9),
      () => tcp("nowhere", 4711),
      () => leading(index),
      () => port(otherThan(index)),
      () => leading(index)
    ])()

  return {
    tubs: tubIds.map((tubId, index) => ({
      tubId,
      host: `h${index}`,
      ports: ports[index] ?? [4711],
      hints: [leading(index), ...Array.from({ length: dice.between(0, 2) }, () => dubious(index))],
      // At least the first Tub wants somebody.
      wants: indices.filter((other) => other !== index && ((index === 0 && other === 1) || dice.chance(0.3))),
      elsewhere: elsewhere[index] ?? new Map(),
      clock: dice.one([0.5, 0.8, 1, 1, 1.25, 2]),
      deadline: Duration.seconds(dice.one([5, 10, 20, 40])),
      dialDeadline: Duration.seconds(dice.one([10, 20, 40])),
      handleOldPeers: dice.one(["refuse" as const, "refuse" as const, Duration.seconds(30)])
    })),
    ways: hosts.flatMap((a, at) => hosts.slice(at + 1).map((b) => [a, b, wayFrom(dice)] as const)),
    chaos: dice.between(10, 40) * 1000,
    between: dice.between(2, 10) * 1000,
    shuffles: dice.chance(0.5)
  }
}
