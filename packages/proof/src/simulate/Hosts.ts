/** The hosts of a run, each with the present life of its Tub. */
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import type * as Scope from "effect/Scope"
import * as Process from "./Process.ts"

/** Starts and restarts Tubs. */
export interface Hosts {
  /** Ends the Tub of a host, if it has one running, and starts it anew after a while: with a new incarnation and no memory. */
  readonly restart: (host: string, how: "orderly" | "power failure") => Effect.Effect<void>
}

/** All Tubs of a world, running until the Scope closes. */
export const start = Effect.fnUntraced(function* (world: Process.World): Effect.fn.Return<Hosts, never, Scope.Scope> {
  const { dice, ledger, network, plan } = world
  const running = yield* FiberMap.make<string>()
  const lives = new Map<string, number>()
  const busy = new Set<string>()

  const begin = (host: string) =>
    Effect.suspend(() => {
      const tub = plan.tubs.find((each) => each.host === host)
      if (tub === undefined) throw new Error(`there is no host ${host}`)
      const life = (lives.get(host) ?? 0) + 1
      lives.set(host, life)
      return FiberMap.run(running, host, ledger.guard(Effect.orDie(Process.run(world, tub, life))))
    })

  const restart: Hosts["restart"] = Effect.fnUntraced(function* (host, how) {
    if (busy.has(host)) return
    busy.add(host)
    ledger.counts.restarts++
    if (how === "power failure") yield* network.crash(host)
    yield* FiberMap.remove(running, host)
    ledger.say(() => `${host} has stopped`)
    yield* Effect.sleep(dice.between(0, 10_000))
    yield* begin(host)
    busy.delete(host)
  })

  for (const { host } of plan.tubs) yield* begin(host)
  return { restart }
})
