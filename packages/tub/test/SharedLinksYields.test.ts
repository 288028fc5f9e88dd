import type { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import { host, target } from "./Dialling.ts"
import { high, low, network, port, tub } from "./Network.ts"

/**
 * Lets a fiber yield to the others behind any operation, as the usual scheduler does behind every 2048th: what is one step
 * for an application's eyes is many here. About one operation in six.
 */
class Hesitant extends Scheduler.MixedScheduler {
  private state: number

  constructor(seed: number) {
    super()
    this.state = seed
  }

  override shouldYield({ currentOpCount }: Fiber.Fiber<unknown, unknown>): boolean {
    // Where a fiber that was interrupted before it began yields at its first operation, Effect forgets the interruption. The
    // usual scheduler never has it yield there.
    if (currentOpCount < 2) return false
    // The generator of Numerical Recipes; its upper bits are random enough.
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0
    return this.state < 0xffff_ffff / 6
  }
}

const Turns = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 }))
const turns = (count: number) => Effect.repeat(Effect.yieldNow, { times: count })
const quiet = turns(400)

/** Somebody who asks for the link, and lets go some time after. */
const Caller = Schema.Struct({ comesAfter: Turns, staysFor: Turns })

describe("Connector.connect, when fibers yield behind any operation,", () => {
  it.effect.prop(
    "gives nobody a link that it closes meanwhile, interrupts nobody, and leaves nothing open",
    [Schema.Array(Caller).check(Schema.isMinLength(4), Schema.isMaxLength(8)), Schema.Int],
    ([callers, seed]) =>
      Effect.gen(function* () {
        const there = yield* port
        yield* host(high, there)
        const net = network({ "tcp:a:1": there.place })
        const { connect } = Context.get(yield* tub(low, net), Connector)
        const scheduler = new Hesitant(seed)
        const call = Effect.gen(function* () {
          const link = yield* connect(target(high, "tcp:a:1"))
          return yield* link.ended
        }).pipe(Effect.scoped, Effect.provideService(Scheduler.Scheduler, scheduler))

        const outcomes: Array<Exit.Exit<LinkEnd, unknown>> = []
        const leaving: Array<Fiber.Fiber<void>> = []
        for (const { comesAfter, staysFor } of callers) {
          yield* turns(comesAfter)
          let isLeaving = false
          const calling = yield* call.pipe(
            Effect.onExit((exit) => Effect.sync(() => void (isLeaving || outcomes.push(exit)))),
            Effect.forkScoped
          )
          const leave = Effect.suspend(() => {
            isLeaving = true
            return Fiber.interrupt(calling)
          })
          leaving.push(yield* Effect.forkScoped(Effect.andThen(turns(staysFor * 4), leave)))
        }
        yield* Fiber.joinAll(leaving)
        yield* quiet
        yield* TestClock.adjust("10 seconds")
        yield* quiet
        for (const outcome of outcomes) {
          assert.isFalse(Exit.hasInterrupts(outcome), "somebody was interrupted")
          assert.isFalse(Exit.isSuccess(outcome) && outcome.value._tag === "Closed", "a link was closed that was held")
        }
        assert.deepStrictEqual(net.open, [])
      }).pipe(Effect.scoped),
    { arbitrary: { runs: 50 } }
  )
})
