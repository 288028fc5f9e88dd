/** What goes wrong in a run: one thing after the other, at random times, until the chaos is over and everything heals. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Hosts } from "./Hosts.ts"
import type { World } from "./Process.ts"

/** Makes things go wrong until the chaos is over, then mends everything. */
export const run = Effect.fnUntraced(function* (
  world: World,
  hosts: Hosts
): Effect.fn.Return<void, never, Scope.Scope> {
  const { dice, ledger, plan, time } = world
  while (true) {
    const pause = dice.between(0, 2 * plan.between)
    if (time.now + pause > plan.chaos) break
    yield* Effect.sleep(pause)
    ledger.counts.faults++
    yield* Effect.forkScoped(ledger.guard(fault(world, hosts)))
  }
  yield* Effect.sleep(plan.chaos - time.now)
})

const fault = ({ dice, ledger, network, plan, time }: World, hosts: Hosts): Effect.Effect<void> => {
  const a = dice.one(plan.tubs).host
  const b = dice.one(plan.tubs.filter(({ host }) => host !== a)).host
  const kind = dice.one(kinds)
  const last = Effect.sleep(Math.min(dice.between(0, 60_000), Math.max(0, plan.chaos - time.now)))
  const healing = Effect.andThen(last, network.heal(a, b))
  ledger.say(() => `${kind} ${a} ${b}`)
  switch (kind) {
    case "reset":
      return network.reset(a, b)
    case "forget":
      return network.forget(a, b)
    case "halfClose":
      return network.halfClose(a, b)
    case "partition":
      return Effect.andThen(network.partition(a, b), healing)
    case "stall":
      return Effect.andThen(network.stall(a, b), healing)
    case "lose":
      return Effect.andThen(network.lose(a, b), healing)
    case "close":
      return Effect.suspend(() => {
        const live = ledger.allLive
        return live.length === 0 ? Effect.void : dice.one(live).connection.close
      })
    case "restart":
      return hosts.restart(a, "orderly")
    case "crash":
      return hosts.restart(a, "power failure")
  }
}

const kinds = [
  "reset",
  "forget",
  "halfClose",
  "partition",
  "partition",
  "stall",
  "lose",
  "close",
  "restart",
  "crash"
] as const
