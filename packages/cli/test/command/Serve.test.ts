import { Connector } from "@effect-foolscap/tub/Connector"
import * as Furl from "@effect-foolscap/furl/Furl"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Tub } from "@effect-foolscap/tub/Tub"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { connect } from "node:net"
import { connect as secure } from "node:tls"
import { high, low } from "../Fixtures.ts"
import { tub } from "../Invoked.ts"
import { loopback, serving } from "../Serving.ts"

const dialled = Effect.fnUntraced(function* (furl: unknown) {
  const target = yield* Schema.decodeUnknownEffect(Furl.FurlFromString)(furl)
  const layer = Connector.layer.pipe(Layer.provide([Tub.layer(yield* low.identity), NodeHintHandler.layer]))
  const { dial } = yield* Effect.provide(Connector, layer)
  return (yield* dial(target)).connection
})

/** A client that shows no certificate and claims no TubId. */
const anonymous = (hint: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const socket = connect(Number(hint.replace(/.*:/, "")), "127.0.0.1")
      socket.write(`GET /id/${high.tubId} HTTP/1.1\r\nUpgrade: TLS/1.0\r\n\r\n`)
      socket.once("data", () => {
        // Who the server is does not matter here, only who the client is not.
        secure({ socket, rejectUnauthorized: false })
          .on("error", () => undefined)
          .write("banana-negotiation-range: 3 3\r\ninitial-vocab-table-range: 0 1\r\n\r\n")
      })
      return socket
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

describe("tub serve", () => {
  it.effect("prints a FURL that leads to it", () =>
    Effect.gen(function* () {
      const { listening } = yield* serving(high, ...loopback)
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
      const locations = ["--location", "tcp:example.org:4711", "--location", "tor:x.onion:80"]
      const { listening } = yield* serving(high, ...loopback, ...locations)
      assert.strictEqual(listening["furl"], `pb://${high.tubId}@tcp:example.org:4711,tor:x.onion:80/tub`)
    })
  )

  it.effect("tells of links that come and go, and of clients that do not get in", () =>
    Effect.gen(function* () {
      const { listening, next } = yield* serving(high, ...loopback)
      const link = yield* dialled(listening["furl"])
      const { from, ...negotiated } = yield* next
      assert.deepInclude(negotiated, {
        event: "negotiated",
        side: "server",
        role: "Master",
        peer: low.tubId,
        seqnum: 1
      })
      assert.match(String(from), /^127\.0\.0\.1:\d+$/)
      assert.notProperty(negotiated, "redirects")
      yield* link.close
      assert.deepStrictEqual(yield* next, {
        event: "closed",
        peer: low.tubId,
        from,
        reason: "ClosedByPeer",
        message: "the peer closed the connection"
      })

      const port = Number(String(listening["address"]).replace(/.*:/, ""))
      const browser = connect(port, "127.0.0.1")
      browser.resume().end("GET / HTTP/1.1\r\n\r\n")
      const failed = yield* next
      assert.deepStrictEqual(failed, {
        event: "failed",
        side: "server",
        phase: "Plaintext",
        reason: "NotATubPath",
        message: "Plaintext: an HTTP client asked for /, which is no Tub",
        from: `127.0.0.1:${browser.localPort}`
      })
    })
  )

  it.effect("closes its links when it is stopped, tells of that, and exits with 0", () =>
    Effect.gen(function* () {
      const { listening, next, stop } = yield* serving(high, ...loopback)
      const link = yield* dialled(listening["furl"])
      const { from } = yield* next
      const { pull } = yield* link.socket.reader
      const reading = yield* Effect.forkChild(Effect.flip(pull))
      assert.strictEqual(yield* stop, 0)
      yield* Fiber.join(reading)
      assert.strictEqual((yield* link.ended)._tag, "ClosedByPeer")
      assert.deepStrictEqual(yield* next, {
        event: "closed",
        peer: low.tubId,
        from,
        reason: "Closed",
        message: "closed on this side"
      })
    })
  )

  it.effect("says that the port is in use", () =>
    Effect.gen(function* () {
      const { listening } = yield* serving(high, ...loopback)
      const port = String(listening["address"]).replace(/.*:/, "")
      const said = yield* tub(
        ...["serve", "--identity", high.file, "--listen", `tcp:${port}:interface=127.0.0.1`, "--json"]
      )
      assert.strictEqual(said.code, 2)
      assert.deepStrictEqual(said.out, [])
      assert.match(said.err.join("\n"), /^tub: cannot listen on 127\.0\.0\.1:\d+: .*address already in use/)
    })
  )

  it.effect("refuses anonymous clients, but for --anonymous accept, and has no name for them then", () =>
    Effect.gen(function* () {
      const strict = yield* serving(high, ...loopback)
      yield* anonymous(strict.hint)
      assert.deepInclude(yield* strict.next, { event: "failed", phase: "Encrypted", reason: "AnonymousPeer" })

      const open = yield* serving(high, ...loopback, "--anonymous", "accept")
      const socket = yield* anonymous(open.hint)
      const negotiated = yield* open.next
      const from = `127.0.0.1:${socket.localPort}`
      assert.deepInclude(negotiated, { event: "negotiated", side: "server", role: "Master", from })
      assert.notProperty(negotiated, "peer")
      const other = yield* anonymous(open.hint)
      const second = yield* open.next
      assert.deepInclude(second, { event: "negotiated", from: `127.0.0.1:${other.localPort}` })
      yield* Effect.sync(() => socket.destroy())
      const closed = yield* open.next
      assert.deepInclude(closed, { event: "closed", from })
      assert.notProperty(closed, "peer")
      const said = open.said.join("\n").split("\n")
      assert.include(said, `linked with anonymous from ${from}`)
      assert.match(said.at(-1) ?? "", new RegExp(`^link with anonymous from ${from} ended: `))
    })
  )

  const redirect = (...texts: ReadonlyArray<string>) => [
    ...["--identity", high.file, "--listen", "tcp:0"],
    ...texts.flatMap((text) => ["--redirect", text])
  ]

  for (const [options, complaint] of [
    [["--identity", high.file], "Missing required flag: --listen"],
    [["--listen", "tcp:0"], "Missing required flag: --identity"],
    [["--identity", high.file, "--listen", "4711"], "expected tcp:PORT or tcp:PORT:interface=ADDR"],
    [["--identity", high.file, "--listen", "tcp:99999"], "a port from 0 to 65535"],
    [["--identity", high.file, "--listen", "tcp:0", "--location", "tcp:4711"], "the host is missing"],
    [["--identity", "/nowhere.pem", "--listen", "tcp:0"], "there is no such file"],
    [redirect(`${low.tubId}=tcp:a`), "the port is missing"],
    [redirect(`${low.tubId}=${"tcp:a:1,".repeat(20)}tcp:b:1`), "expected at most 20 hints"],
    [redirect(`${high.tubId}=tcp:a:1`), `${high.tubId} is the Tub that listens here`],
    [redirect(`${low.tubId}=tcp:a:1`, `${low.tubId}=tcp:b:1`), `more than one --redirect for ${low.tubId}`],
    [["--identity", high.file, "--listen", "tcp:0", "--anonymous", "yes"], "bad value for --anonymous"],
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
