import { Connector } from "@effect-foolscap/tub/Connector"
import * as Furl from "@effect-foolscap/furl/Furl"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Tub } from "@effect-foolscap/tub/Tub"
import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as MutableRef from "effect/MutableRef"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { TestConsole } from "effect/testing"
import { connect } from "node:net"
import * as ExitCode from "../../src/ExitCode.ts"
import * as Main from "../../src/Main.ts"
import { high, low } from "../Fixtures.ts"
import { eventOf, tub } from "../Invoked.ts"

/** `tub serve` for as long as the test lasts. `next` is the next event it tells. */
const serving = Effect.fnUntraced(function* (...options: ReadonlyArray<string>) {
  const told = yield* Queue.unbounded<ReturnType<typeof eventOf>>()
  const console = { ...(yield* TestConsole.make), log: (line: unknown) => void Queue.offerUnsafe(told, eventOf(line)) }
  const onSignal = MutableRef.make(130)
  const running = yield* Main.run(["serve", "--identity", high.file, "--json", ...options]).pipe(
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
  return { listening, next, stop }
})

const loopback = ["--listen", "tcp:0:interface=127.0.0.1"]

const dialled = Effect.fnUntraced(function* (furl: unknown) {
  const target = yield* Schema.decodeUnknownEffect(Furl.FurlFromString)(furl)
  const layer = Connector.layer.pipe(Layer.provide([Tub.layer(yield* low.identity), NodeHintHandler.layer]))
  const { dial } = yield* Effect.provide(Connector, layer)
  return (yield* dial(target)).connection
})

describe("tub serve", () => {
  it.effect("prints a FURL that leads to it", () =>
    Effect.gen(function* () {
      const { listening } = yield* serving(...loopback)
      const { address, furl, tubId } = listening
      assert.strictEqual(tubId, high.tubId)
      assert.match(String(address), /^127\.0\.0\.1:\d+$/)
      const read = yield* Schema.decodeUnknownEffect(Furl.FurlFromString)(furl)
      assert.strictEqual(read.tubId, high.tubId)
      assert.deepStrictEqual(
        read.hints.map(({ text }) => text),
        [`tcp:${address}`]
      )
      // Foolscap takes no FURL without a name.
      assert.strictEqual(Redacted.value(read.name), "tub")
      assert.strictEqual((yield* dialled(furl)).peer, high.tubId)
    })
  )

  it.effect("announces the locations that it is told to, in their order", () =>
    Effect.gen(function* () {
      const { listening } = yield* serving(
        ...[...loopback, "--location", "tcp:example.org:4711", "--location", "tor:x.onion:80"]
      )
      assert.strictEqual(listening["furl"], `pb://${high.tubId}@tcp:example.org:4711,tor:x.onion:80/tub`)
    })
  )

  it.effect("tells of links that come and go, and of clients that do not get in", () =>
    Effect.gen(function* () {
      const { listening, next } = yield* serving(...loopback)
      const link = yield* dialled(listening["furl"])
      assert.deepInclude(yield* next, {
        event: "negotiated",
        side: "server",
        role: "Master",
        peer: low.tubId,
        seqnum: 1
      })
      yield* link.close
      assert.deepStrictEqual(yield* next, {
        event: "closed",
        peer: low.tubId,
        reason: "ClosedByPeer",
        message: "the peer closed the connection"
      })

      const port = Number(String(listening["address"]).replace(/.*:/, ""))
      const browser = connect(port, "127.0.0.1")
      browser.resume().end("GET / HTTP/1.1\r\n\r\n")
      assert.deepStrictEqual(yield* next, {
        event: "failed",
        side: "server",
        phase: "Plaintext",
        reason: "NotATubPath",
        message: "Plaintext: an HTTP client asked for /, which is no Tub"
      })
    })
  )

  it.effect("closes its links when it is stopped, tells of that, and exits with 0", () =>
    Effect.gen(function* () {
      const { listening, next, stop } = yield* serving(...loopback)
      const link = yield* dialled(listening["furl"])
      yield* next
      const { pull } = yield* link.socket.reader
      const reading = yield* Effect.forkChild(Effect.flip(pull))
      assert.strictEqual(yield* stop, 0)
      yield* Fiber.join(reading)
      assert.strictEqual((yield* link.ended)._tag, "ClosedByPeer")
      assert.deepStrictEqual(yield* next, {
        event: "closed",
        peer: low.tubId,
        reason: "Closed",
        message: "closed on this side"
      })
    })
  )

  it.effect("says that the port is in use", () =>
    Effect.gen(function* () {
      const { listening } = yield* serving(...loopback)
      const port = String(listening["address"]).replace(/.*:/, "")
      const said = yield* tub(
        ...["serve", "--identity", high.file, "--listen", `tcp:${port}:interface=127.0.0.1`, "--json"]
      )
      assert.strictEqual(said.code, 2)
      assert.deepStrictEqual(said.out, [])
      assert.match(said.err.join("\n"), /^tub: cannot listen on 127\.0\.0\.1:\d+: .*address already in use/)
    })
  )

  for (const [options, complaint] of [
    [["--identity", high.file], "Missing required flag: --listen"],
    [["--listen", "tcp:0"], "Missing required flag: --identity"],
    [["--identity", high.file, "--listen", "4711"], "expected tcp:PORT or tcp:PORT:interface=ADDR"],
    [["--identity", high.file, "--listen", "tcp:99999"], "a port from 0 to 65535"],
    [["--identity", high.file, "--listen", "tcp:0", "--location", "tcp:4711"], "the host is missing"],
    [["--identity", "/nowhere.pem", "--listen", "tcp:0"], "there is no such file"],
    [["--identity", high.file, "--listen", "tcp:0:interface=192.0.2.1"], "cannot listen on 192.0.2.1:0"]
  ] as const) {
    it.effect(
      `exits with 2 for ${options.filter((text) => text !== high.file).join(" ")}, and says "${complaint}"`,
      () =>
        Effect.gen(function* () {
          const said = yield* tub("serve", "--json", ...options)
          assert.strictEqual(said.code, 2)
          assert.deepStrictEqual(said.out, [])
          assert.include(said.err.join("\n"), complaint)
          assert.notInclude(said.err.join("\n"), "Schema")
          assert.isAtMost(said.err.join("\n").split("\n").length, 3)
        })
    )
  }
})
