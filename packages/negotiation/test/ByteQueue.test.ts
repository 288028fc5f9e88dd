import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { ByteQueue } from "../src/ByteQueue.ts"
import { bytesOf, textOf } from "./Noise.ts"

const window = 8
const forkNow = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkChild(effect, { startImmediately: true })

describe("ByteQueue", () => {
  const Step = Schema.Union([
    Schema.Struct({ write: Schema.Literals([0, 1, 2, window - 1, window, window + 1, 3 * window]) }),
    Schema.Literals(["interrupt that write", "pull", "pull, interrupted"])
  ])
  type Step = typeof Step.Type

  /** Plays the steps, whose writes and pulls are fibers of their own and wait for as long as they must. */
  const play = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
    const queue = new ByteQueue(window)
    const written: Array<{ readonly copy: Uint8Array; readonly fiber: Fiber.Fiber<void, unknown> }> = []
    const pulled: Array<Uint8Array> = []
    let [taken, received, longest] = [0, 0, 0]
    const pull = Effect.map(queue.pull, (chunk) => {
      pulled.push(chunk)
      received += chunk.length
    })
    let reading: Fiber.Fiber<void, unknown> | undefined
    for (const step of steps) {
      if (step === "interrupt that write") {
        const last = written.at(-1)
        if (last === undefined) continue
        const isWaiting = last.fiber.pollUnsafe() === undefined
        yield* Fiber.interrupt(last.fiber)
        if (isWaiting) written.pop()
      } else if (typeof step === "string") {
        // One reader at a time.
        if (reading !== undefined) yield* Fiber.interrupt(reading)
        reading = yield* forkNow(pull)
        if (step === "pull, interrupted") yield* Fiber.interrupt(reading)
      } else {
        const bytes = new Uint8Array(step.write).map((_, i) => written.length * 31 + i * 7 + 1)
        longest = Math.max(longest, bytes.length)
        const copy = bytes.slice()
        // A writer that uses its buffer again.
        const write = Effect.map(queue.write(bytes), () => {
          taken += bytes.fill(0).length
        })
        written.push({ copy, fiber: yield* forkNow(write) })
      }
      assert.isBelow(taken - received, window + Math.max(longest, 1), "bytes that lie unread")
    }
    if (reading !== undefined) yield* Fiber.interrupt(reading)
    queue.finish()
    const error = yield* Effect.flip(Effect.forever(pull))
    assert.strictEqual(error.kind, "eof")
    return { pulled: Buffer.concat(pulled), expected: Buffer.concat(written.map(({ copy }) => copy)) }
  })

  it.effect.prop(
    "gives every byte once and in order, whoever waits for whom or stops waiting, and never holds many",
    [Schema.Array(Step)],
    ([steps]) =>
      Effect.map(play(steps), ({ expected, pulled }) =>
        assert.strictEqual(Buffer.compare(pulled, expected), 0, "the bytes differ")
      )
  )

  it.effect("takes a write in one piece, however long it is", () =>
    Effect.gen(function* () {
      const queue = new ByteQueue(window)
      yield* queue.write(new Uint8Array(10 * window))
      assert.strictEqual((yield* queue.pull).length, 10 * window)
    })
  )

  it.effect("takes nothing of a write that is interrupted while it waits", () =>
    Effect.gen(function* () {
      const queue = new ByteQueue(window)
      yield* queue.write(new Uint8Array(window))
      const interrupted = yield* forkNow(queue.write(bytesOf("never")))
      const patient = yield* forkNow(queue.write(bytesOf("said")))
      yield* Fiber.interrupt(interrupted)
      yield* queue.pull
      yield* Fiber.join(patient)
      assert.strictEqual(textOf(yield* queue.pull), "said")
    })
  )

  it.effect("copies what it takes, also out of a Buffer of Node's", () =>
    Effect.gen(function* () {
      const queue = new ByteQueue(window)
      const reused = Buffer.from("before")
      yield* queue.write(reused)
      reused.fill("x")
      assert.strictEqual(textOf(yield* queue.pull), "before")
    })
  )

  it.effect("keeps nothing of a wait that was interrupted", () =>
    Effect.gen(function* () {
      const queue = new ByteQueue(window)
      let looks = 0
      const looking = yield* forkNow(queue.until(() => void looks++))
      yield* queue.write(bytesOf("1"))
      assert.strictEqual(looks, 2)
      yield* Fiber.interrupt(looking)
      yield* queue.write(bytesOf("2"))
      assert.strictEqual(looks, 2)
    })
  )

  it.effect("is flushed when the writes that wait have been taken, or are interrupted", () =>
    Effect.gen(function* () {
      const queue = new ByteQueue(window)
      yield* queue.write(new Uint8Array(window))
      yield* queue.flush
      yield* forkNow(queue.write(bytesOf("waits")))
      const flushing = yield* forkNow(queue.flush)
      assert.isUndefined(flushing.pollUnsafe())
      yield* queue.pull
      yield* Fiber.join(flushing)

      yield* queue.write(new Uint8Array(window))
      const writing = yield* forkNow(queue.write(bytesOf("is interrupted")))
      const again = yield* forkNow(queue.flush)
      assert.isUndefined(again.pollUnsafe())
      yield* Fiber.interrupt(writing)
      yield* Fiber.join(again)
    })
  )
})
