import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { KindHandler } from "@effect-foolscap/tub/HintHandler"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as Socks5 from "../src/Socks5.ts"
import { Socks5Error } from "../src/Socks5Error.ts"
import { foolscapIdentity } from "./Fixtures.ts"
import { adopt, event, handles } from "./Loopback.ts"
import { bytes, choice, conversing, replies, saying } from "./Socks5Proxy.ts"
import { pullToEnd, transportSuite } from "./TransportSuite.ts"
import { socketPath } from "./UnixFolder.ts"

const decode = Schema.decodeSync(LocationHint.FromString)
const onion = decode("tor:example.onion:4711")
const auth = { username: "user", password: Redacted.make("geheim") }
const greeting = "050100"
const request = "050100 03 0d 6578616d706c652e6f6e696f6e 1267"

const hexOf = (heard: Uint8Array) => Buffer.from(heard).toString("hex")

/** The message of the failure, and its reason. */
const failureOf = (connecting: ReturnType<KindHandler>) =>
  Effect.map(Effect.flip(Effect.scoped(connecting)), (error) => {
    if (error._tag !== "Unreachable" || !(error.cause instanceof Socks5Error)) throw error
    return { message: error.message, reason: error.cause.reason }
  })

const prover = (index: number) => {
  const credentials = foolscapIdentity(index)
  return { tubId: credentials.tubId, credentials }
}

transportSuite("A connection through a SOCKS5 proxy", {
  it: it.live,
  makePair: Effect.gen(function* () {
    const proxy = yield* conversing(bytes(request).length)
    const client = yield* Effect.orDie(Socks5.handler({ proxy: proxy.address })(onion))
    return { client, server: yield* adopt(yield* proxy.socket) }
  }),
  provers: Effect.succeed({ client: prover(0), server: prover(1) })
})

describe("Socks5, what it asks for", () => {
  for (const [text, asked] of [
    ["tor:example.onion:4711", request],
    ["tcp:example.onion:4711", request],
    ["example.onion:4711", request],
    ["tcp:192.0.2.7:80", "050100 01 c0000207 0050"],
    ["tor:192.0.2.7:80", "050100 01 c0000207 0050"],
    ["tcp:[2001:db8::1]:80", "050100 04 20010db8000000000000000000000001 0050"],
    ["tor:[2001:db8::1]:80", "050100 04 20010db8000000000000000000000001 0050"],
    ["tor:localhost:0", "050100 03 09 6c6f63616c686f7374 0000"]
  ] as const) {
    it.live(`is ${text} as it stands there, without looking up a name`, () =>
      Effect.gen(function* () {
        const proxy = yield* saying([choice.none, replies.ipv4])
        yield* Effect.scoped(Socks5.handler({ proxy: proxy.address })(decode(text)))
        assert.strictEqual(hexOf(yield* proxy.heard), hexOf(bytes(greeting + asked)))
      })
    )
  }

  it.live("goes behind the password, if there is one, and no other way is offered", () =>
    Effect.gen(function* () {
      const proxy = yield* saying([choice.password, replies.ipv4])
      yield* Effect.scoped(Socks5.handler({ proxy: proxy.address, auth })(onion))
      assert.strictEqual(hexOf(yield* proxy.heard), hexOf(bytes(`050102 01 04 75736572 06 67656865696d ${request}`)))
    })
  )

  for (const text of ["tor:x", "tor::80", "tor:x:80:80", "tor:x:70000", "tor:a b:80", "tcp:x", "tcp:[fe80::1%lo]:1"]) {
    it.live(`is nothing for ${text}, and the proxy hears nothing`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Socks5.handler({ proxy: { host: "127.0.0.1", port: 1 } })(decode(text)))
        const kind = text.slice(0, 3)
        assert.strictEqual(error._tag, "UnknownHint")
        assert.strictEqual(error.message, `${text} is malformed; a hint of this kind is ${kind}:HOST:PORT`)
      })
    )
  }

  it("is nothing for a password that the protocol has no room for", () => {
    const proxy = { host: "127.0.0.1", port: 1 }
    assert.throws(() => Socks5.handler({ proxy, auth: { ...auth, password: Redacted.make("") } }), RangeError)
  })
})

const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })))

/** The same bytes, cut at these places. */
const cutAt = (whole: Uint8Array, cuts: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const places = [0, ...[...cuts].sort((a, b) => a - b), whole.length]
  return places.flatMap((end, i) => {
    const piece = whole.subarray(places[i - 1] ?? 0, end)
    return piece.length === 0 ? [] : [piece]
  })
}

describe("Socks5, what it hears", () => {
  for (const [kind, reply] of Object.entries(replies)) {
    for (const withAuth of [true, false]) {
      const how = withAuth ? "with" : "without"
      const conversation = Buffer.concat([withAuth ? choice.password : choice.none, reply])
      const handler = (proxy: { readonly host: string; readonly port: number }) =>
        Socks5.handler({ proxy, ...(withAuth && { auth }) })

      it.live.prop(
        `leaves what the peer says first to the transport, however it is cut (${kind}, ${how} a password)`,
        [Cuts],
        ([cuts]) =>
          Effect.gen(function* () {
            const proxy = yield* saying(cutAt(Buffer.concat([conversation, Buffer.from("hello")]), cuts), {
              ends: true
            })
            const transport = yield* handler(proxy.address)(onion)
            const { bytes: said, error } = yield* pullToEnd(transport)
            assert.strictEqual(said.toString(), "hello")
            assert.strictEqual(error.kind, "eof")
          }).pipe(Effect.scoped),
        { arbitrary: { runs: 30 } }
      )

      it.live(`says what was missing when the proxy hangs up, at every byte (${kind}, ${how} a password)`, () =>
        Effect.forEach(
          Array.from({ length: conversation.length }, (_, length) => length),
          Effect.fnUntraced(function* (length) {
            const proxy = yield* saying([conversation.subarray(0, length)], { ends: true })
            const { message, reason } = yield* failureOf(handler(proxy.address)(onion))
            const awaiting = length < 2 ? "greeting" : withAuth && length < 4 ? "password" : "request"
            assert.strictEqual(reason._tag, "HungUp")
            assert.strictEqual(
              message,
              `cannot reach tor:example.onion:4711: the SOCKS5 proxy at 127.0.0.1:${proxy.address.port} hung up before it had answered our ${awaiting}`
            )
          }, Effect.scoped)
        )
      )
    }
  }

  for (const [what, said, expected] of [
    ["a refusal", "05 00 05 05 00 01 00000000 0000", "could not reach the host: connection refused"],
    ["a refusal that ends where the code is known", "05 00 05 05", "could not reach the host: connection refused"],
    ["a wish for a password", "05 ff", "wants to know who we are: give a username and a password"],
    ["a web server", hexOf(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")), "is no SOCKS5 proxy but an HTTP server"],
    ["an address of no type", "05 00 05 00 00 02 00000000 0000", "does not keep to SOCKS5"]
  ] as const) {
    it.live(`tells ${what} from everything else`, () =>
      Effect.gen(function* () {
        const proxy = yield* saying([bytes(said)])
        const { message } = yield* failureOf(Socks5.handler({ proxy: proxy.address })(onion))
        const where = `the SOCKS5 proxy at 127.0.0.1:${proxy.address.port}`
        assert.include(message, `cannot reach tor:example.onion:4711: ${where} ${expected}`)
        yield* proxy.heard
      })
    )
  }

  it.live("tells a wrong password, and does not say it", () =>
    Effect.gen(function* () {
      const proxy = yield* saying([bytes("05 02 01 01")])
      const { message } = yield* failureOf(Socks5.handler({ proxy: proxy.address, auth })(onion))
      assert.include(message, "does not accept our username and password")
      assert.notInclude(message, "geheim")
      assert.strictEqual(hexOf(yield* proxy.heard), hexOf(bytes("050102 01 04 75736572 06 67656865696d")))
    })
  )

  it.live("tells a proxy that is not there from a host that is not there", () =>
    Effect.gen(function* () {
      const { address } = yield* Effect.scoped(NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }))
      const { message, reason } = yield* failureOf(Socks5.handler({ proxy: address })(onion))
      assert.strictEqual(reason._tag, "ProxyUnreachable")
      assert.include(message, `the SOCKS5 proxy at 127.0.0.1:${address.port} cannot be reached: connect ECONNREFUSED`)
    })
  )

  it.live("tells a proxy that is not there by its path", () =>
    Effect.gen(function* () {
      const path = yield* socketPath
      const { message } = yield* failureOf(Socks5.handler({ proxy: { path } })(onion))
      assert.include(message, `the SOCKS5 proxy at ${path} cannot be reached: connect ENOENT`)
    })
  )

  it.live("tells where the connection leads, and through what", () =>
    Effect.gen(function* () {
      const proxy = yield* saying([choice.none, replies.ipv4])
      const { remoteAddress } = yield* Socks5.handler({ proxy: proxy.address })(onion)
      assert.strictEqual(remoteAddress, `example.onion:4711 through 127.0.0.1:${proxy.address.port}`)
    })
  )
})

describe("Socks5, when it is given up", () => {
  for (const [when, said] of [
    ["before the choice", ""],
    ["in the middle of the choice", "05"],
    ["before the reply", "05 00"],
    ["in the middle of the reply", "05 00 05 00 00 03 04 68"]
  ] as const) {
    it.live(`leaves nothing, with a proxy that says nothing more ${when}`, () =>
      Effect.gen(function* () {
        const proxy = yield* saying([bytes(said)])
        const connecting = yield* Effect.forkChild(Effect.scoped(Socks5.handler({ proxy: proxy.address })(onion)), {
          startImmediately: true
        })
        const socket = yield* proxy.socket
        assert.isUndefined(connecting.pollUnsafe())
        yield* Fiber.interrupt(connecting)
        if (!socket.closed) yield* event(socket, "close")
      })
    )
  }

  it.live("leaves no handle behind, whatever became of it", () =>
    Effect.gen(function* () {
      const before = yield* handles
      yield* Effect.gen(function* () {
        const proxy = yield* saying([bytes("05 00 05 01")])
        yield* failureOf(Socks5.handler({ proxy: proxy.address })(onion))
        yield* proxy.heard
      }).pipe(Effect.scoped)
      assert.deepStrictEqual(yield* handles, before)
    })
  )
})
