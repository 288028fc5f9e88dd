import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { VirtualTime } from "../../src/simulate/VirtualTime.ts"

const inOrder = () => 0

describe("VirtualTime", () => {
  it("goes by only when nothing is left to do", () => {
    const time = new VirtualTime(inOrder)
    const instants: Array<number> = []
    const program = Effect.all([Effect.sleep("1 hour"), Effect.sleep("1 second")], { concurrency: "unbounded" })
    time.run(program, () => void instants.push(time.now))
    assert.deepStrictEqual(instants, [0, 1000, 3_600_000])
  })

  it("counts the fibers and the timers that a program leaves behind", () => {
    const { exit, left } = new VirtualTime(inOrder).run(Effect.forkDetach(Effect.sleep("1 hour")), () => {})
    assert.isTrue(Exit.isSuccess(exit))
    assert.deepStrictEqual(left, { fibers: 1, sleepers: 1 })
  })

  it("finds nothing left of a program that cleans up", () => {
    const program = Effect.scoped(Effect.forkScoped(Effect.sleep("1 hour")))
    assert.deepStrictEqual(new VirtualTime(inOrder).run(program, () => {}).left, { fibers: 0, sleepers: 0 })
  })

  it("notices a program that waits for nothing, and one that never stops", () => {
    assert.throws(() => new VirtualTime(inOrder).run(Effect.never, () => {}), "nobody has anything to do")
    const busy = Effect.forever(Effect.yieldNow)
    assert.throws(() => new VirtualTime(inOrder).run(busy, () => {}), "no end to what is to do")
  })

  it("goes by faster for a clock that is fast", () => {
    const time = new VirtualTime(inOrder)
    const clock = time.clock(2)
    time.run(clock.sleep(Duration.seconds(1)), () => {})
    assert.strictEqual(time.now, 500)
  })
})
