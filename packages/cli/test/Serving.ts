/** `tub serve`, run inside of the test. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as MutableRef from "effect/MutableRef"
import * as Queue from "effect/Queue"
import { TestConsole } from "effect/testing"
import * as ExitCode from "../src/ExitCode.ts"
import * as Main from "../src/Main.ts"
import { eventOf } from "./Invoked.ts"

/** `tub serve` for as long as the Scope is open. `next` is the next event it tells, `said` is for people. */
export const serving = Effect.fnUntraced(function* (
  self: { readonly file: string },
  ...options: ReadonlyArray<string>
) {
  const told = yield* Queue.unbounded<ReturnType<typeof eventOf>>()
  const said: Array<string> = []
  const console = {
    ...(yield* TestConsole.make),
    log: (line: unknown) => void Queue.offerUnsafe(told, eventOf(line)),
    error: (line: unknown) => void said.push(String(line))
  }
  const onSignal = MutableRef.make(130)
  const running = yield* Main.run(["serve", "--identity", self.file, "--json", ...options]).pipe(
    Effect.provideService(Console.Console, console),
    Effect.provideService(ExitCode.OnSignal, onSignal),
    Effect.forkScoped
  )
  const next = Queue.take(told)
  const listening = yield* next
  /** What a signal does, and what `tub` exits with. */
  const stop = Effect.gen(function* () {
    yield* Fiber.interrupt(running)
    return ExitCode.ofExit(yield* Fiber.await(running), MutableRef.get(onSignal))
  })
  return { listening, hint: `tcp:${String(listening["address"])}`, next, said, stop }
})

/** A free port on loopback. */
export const loopback = ["--listen", "tcp:0:interface=127.0.0.1"]
