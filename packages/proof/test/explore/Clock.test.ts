import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import { VirtualClock } from "../../src/explore/Clock.ts"
import { Turns } from "../../src/explore/Turns.ts"

const setUp = () => {
  const [clock, turns] = [new VirtualClock(), new Turns()]
  const heard: Array<string> = []
  const context = Context.make(Clock.Clock, clock).pipe(Context.add(Scheduler.Scheduler, turns))
  const after = (millis: number, word: string) =>
    Effect.runForkWith(context)(Effect.map(Effect.sleep(millis), () => heard.push(word)))
  const pass = (millis: number) => {
    clock.advance(millis)
    turns.run()
    return heard.splice(0)
  }
  return { after, clock, context, pass, turns }
}

describe("The clock of a process", () => {
  it("stands still until it is moved, and fires what is due then, in its order", () => {
    const { after, clock, pass, turns } = setUp()
    for (const [millis, word] of [
      [20, "later"],
      [10, "first"],
      [10, "second"]
    ] as const) {
      after(millis, word)
    }
    turns.run()
    assert.deepStrictEqual(clock.remaining(), [10, 10, 20])
    assert.deepStrictEqual(pass(9), [])
    assert.deepStrictEqual(pass(1), ["first", "second"])
    assert.deepStrictEqual(clock.remaining(), [10])
    assert.deepStrictEqual(pass(10), ["later"])
  })

  it("forgets the timer of a fiber that is interrupted", () => {
    const { after, clock, context, turns } = setUp()
    const fiber = after(10, "never")
    turns.run()
    fiber.interruptUnsafe()
    turns.run()
    assert.deepStrictEqual(clock.remaining(), [])
    assert.strictEqual(Effect.runSyncWith(context)(Clock.currentTimeMillis), 0)
  })
})
