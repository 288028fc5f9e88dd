/** What only real sockets do: the promises every transport makes are in TransportSuite.ts. */
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import type { PlainTransport, Transport } from "@effect-foolscap/negotiation/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Certificate from "../src/Certificate.ts"
import * as NodeTransport from "../src/NodeTransport.ts"
import { secureContextOf, type TlsVersion, TlsVersions } from "../src/SecureContext.ts"
import { foolscapIdentity, pemOf } from "./Fixtures.ts"
import { adopt, event, handles, makePair, pemsOf, sockets, tlsPeer } from "./Loopback.ts"
import { assertSame, bytesOf, pattern, pullExactly, pullToEnd, startBoth, unread } from "./TransportSuite.ts"

const ours = foolscapIdentity(0)
const theirs = foolscapIdentity(1)
const nothing = new Uint8Array(0)
const startNow = { startImmediately: true } as const
const sides = ["client", "server"] as const
const otherOf = (side: Side): Side => (side === "client" ? "server" : "client")

const start = (transport: PlainTransport, side: Side, early = nothing) =>
  transport.startTls({ side, credentials: ours, early })

/** Our end of a connection as a transport, the other end as a bare socket. */
const facing = Effect.fnUntraced(function* (side: Side) {
  const pair = yield* sockets
  const raw = pair[otherOf(side)]
  return { transport: yield* adopt(pair[side]), socket: pair[side], raw }
})

/** The same after a handshake with a peer that is nothing but node:tls. */
const securely = Effect.fnUntraced(function* (side: Side, options: Tls.SecureContextOptions = pemsOf(theirs)) {
  const { raw, socket, transport } = yield* facing(side)
  const tls = tlsPeer(raw, otherOf(side), options)
  return { secure: yield* start(transport, side), socket, raw, tls }
})

const makeSecurePair = Effect.flatMap(makePair, (pair) =>
  startBoth(pair, {
    client: { tubId: ours.tubId, credentials: ours },
    server: { tubId: theirs.tubId, credentials: theirs }
  })
)

describe("NodeTransport, the handshake", () => {
  for (const side of sides) {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const only = { minVersion: version, maxVersion: version }

      it.live(`as ${side} meets a peer that speaks ${version} only`, () =>
        Effect.gen(function* () {
          const { secure, tls } = yield* securely(side, { ...pemsOf(theirs), ...only })
          assert.strictEqual(tls.getProtocol(), version)
          assert.strictEqual(secure.proven, theirs.tubId)
        })
      )

      it.live(`as ${side} speaks ${version} only where it is told to`, () =>
        Effect.gen(function* () {
          const other = version === "TLSv1.2" ? "TLSv1.3" : "TLSv1.2"
          const { tls } = yield* securely(side)
          assert.strictEqual(tls.getProtocol(), version)
          const failure = yield* Effect.flip(
            securely(side, { ...pemsOf(theirs), minVersion: other, maxVersion: other })
          )
          assert.strictEqual(failure.kind, "tls")
        }).pipe(Effect.provideService(TlsVersions, { min: version, max: version }))
      )

      // TLS 1.2 chooses certificates by the curves that are offered for the key exchange.
      for (const name of ["p-384", "p-521", "ed448"]) {
        it.live(`as ${side} takes a ${name} certificate under ${version}`, () =>
          Effect.gen(function* () {
            const identity = yield* Certificate.fromPem(pemOf(name))
            const { secure } = yield* securely(side, { ...pemsOf(identity), ...only })
            assert.strictEqual(secure.proven, identity.tubId)
          })
        )
      }
    }

    it.live(`as ${side} refuses TLS 1.1`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          securely(side, {
            ...pemsOf(theirs),
            minVersion: "TLSv1",
            maxVersion: "TLSv1.1",
            ciphers: "DEFAULT@SECLEVEL=0"
          })
        )
        assert.strictEqual(error.kind, "tls")
        assert.match(error.message, /^TLS failed \(.*(version|protocol)/)
      })
    )

    for (const [how, vanish] of [
      ["a reset", (raw: Net.Socket) => raw.resetAndDestroy()],
      ["an end", (raw: Net.Socket) => raw.end()]
    ] as const) {
      it.live(`as ${side} fails when the peer vanishes with ${how}`, () =>
        Effect.gen(function* () {
          const { raw, socket, transport } = yield* facing(side)
          const starting = yield* Effect.forkChild(Effect.flip(start(transport, side)), startNow)
          vanish(raw)
          const error = yield* Fiber.join(starting)
          assert.strictEqual(error.kind, "tls")
          assert.match(error.message, /closed the connection during the handshake|ECONNRESET/)
          assert.isTrue(socket.destroyed)
        })
      )
    }

    it.live(`as ${side} fails when the peer's end was received before it, unread`, () =>
      Effect.gen(function* () {
        const { raw, socket, transport } = yield* facing(side)
        raw.end("last words")
        yield* Effect.promise(async () => {
          while (socket.readableLength === 0) await once(socket, "readable")
        })
        yield* transport.pull
        assert.strictEqual((yield* Effect.flip(start(transport, side))).kind, "tls")
      })
    )

    it.live(`as ${side} stalled for ever is ended by the caller's timeout, with the connection`, () =>
      Effect.gen(function* () {
        const { raw, socket, transport } = yield* facing(side)
        const outcome = yield* Effect.timeoutOption(start(transport, side), "20 millis")
        assert.isTrue(Option.isNone(outcome))
        assert.isTrue(socket.destroyed)
        raw.resume()
        if (!raw.readableEnded) yield* event(raw, "end")
      })
    )

    it.live(`as ${side} fails with credentials that OpenSSL cannot use, and destroys the connection`, () =>
      Effect.gen(function* () {
        const { socket, transport } = yield* facing(side)
        const credentials = { certificate: ours.certificate, privateKey: Redacted.make("no key") }
        const error = yield* Effect.flip(transport.startTls({ side, credentials, early: nothing }))
        assert.strictEqual(error.kind, "tls")
        assert.isTrue(socket.destroyed)
      })
    )
  }

  it.live("as server takes a ClientHello that came with the GET", () =>
    Effect.gen(function* () {
      const { raw, transport } = yield* facing("server")
      raw.write("GET", () => tlsPeer(raw, "client", pemsOf(theirs)))
      const early: Array<Uint8Array> = []
      let length = 0
      // The ClientHello is a record of 5 + n bytes behind the GET.
      const complete = () => length > 8 && length === 8 + Buffer.concat(early).readUInt16BE(6)
      while (!complete()) {
        const chunk = yield* transport.pull
        early.push(chunk)
        length += chunk.length
      }
      const secure = yield* start(transport, "server", Buffer.concat(early).subarray(3))
      assert.strictEqual(secure.proven, theirs.tubId)
    })
  )

  for (const side of sides) {
    it.live(`as ${side} takes a key of RSA-1024 for no proof, as Foolscap does (N12)`, () =>
      Effect.gen(function* () {
        const { raw, transport } = yield* facing(side)
        const pem = pemOf("rsa-1024")
        // OpenSSL at its default level would not let the peer present such a key.
        tlsPeer(raw, otherOf(side), { cert: pem, key: pem, ciphers: "DEFAULT@SECLEVEL=0" })
        const error = yield* Effect.flip(start(transport, side))
        assert.strictEqual(error.kind, "tls")
        assert.include(error.message, "RSA-1024")
      })
    )
  }

  it.live("as server takes a peer without certificate, who has proven nothing", () =>
    Effect.gen(function* () {
      const { secure, tls } = yield* securely("server", {})
      assert.isUndefined(secure.proven)
      tls.write("anonymous")
      yield* pullExactly(secure, 9)
    })
  )

  it.live("as client says in its ClientHello what Foolscap says, and a key share that is small", () =>
    Effect.gen(function* () {
      const { client, server } = yield* makePair
      yield* Effect.forkChild(Effect.ignore(start(client, "client")), startNow)
      const hello = Buffer.from(yield* server.pull)
      const extensions = extensionsOf(hello)
      assert.isFalse(extensions.has(0), "server name")
      assert.isFalse(extensions.has(16), "ALPN")
      assert.isFalse(extensions.has(35), "session ticket")
      assert.isFalse(extensions.has(41), "session to resume")
      assert.deepStrictEqual(groupsOf(extensions.get(10)), [x25519, 0x17, 0x18, 0x19])
      assert.strictEqual(extensions.get(51)?.readUInt16BE(2), x25519)
      assert.isBelow(hello.length, 512)
    })
  )

  it.live("as client learns that a TLS 1.3 server refuses its certificate only by the end", () =>
    Effect.gen(function* () {
      const { raw, transport } = yield* facing("client")
      strictServer("TLSv1.3").emit("connection", raw)
      const secure = yield* start(transport, "client")
      assert.strictEqual(secure.proven, theirs.tubId)
      assert.strictEqual((yield* Effect.flip(secure.pull)).kind, "eof")
    })
  )

  it.live("as client fails when a TLS 1.2 server refuses its certificate", () =>
    Effect.gen(function* () {
      const { raw, transport } = yield* facing("client")
      strictServer("TLSv1.2").emit("connection", raw)
      assert.strictEqual((yield* Effect.flip(start(transport, "client"))).kind, "tls")
    })
  )

  for (const side of sides) {
    it.live(`as ${side} refuses to be shown another certificate later in a TLS 1.2 session`, () =>
      Effect.gen(function* () {
        const { secure, tls } = yield* securely(side, { ...pemsOf(theirs), maxVersion: "TLSv1.2" })
        yield* secure.write(bytesOf("x"))
        yield* event(tls, "readable")
        const outcome = yield* Effect.callback<"done" | "refused">((resume) => {
          for (const name of ["error", "_tlsError"]) tls.on(name, () => resume(Effect.succeed("refused")))
          tls.resume().renegotiate({ rejectUnauthorized: false }, (error) => {
            resume(Effect.succeed(error === null ? "done" : "refused"))
          })
        })
        assert.strictEqual(outcome, "refused")
      })
    )
  }

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    it.live(`as server never resumes a ${version} session, and sees the certificate of a client that offers one`, () =>
      Effect.gen(function* () {
        const options = { ...pemsOf(theirs), minVersion: version, maxVersion: version }
        let session: Buffer<ArrayBuffer> | undefined
        for (const attempt of ["first", "second"]) {
          const { raw, transport } = yield* facing("server")
          const tls = tlsPeer(raw, "client", { ...options, session })
          tls.on("session", (offered) => (session = Buffer.from(offered)))
          const secure = yield* start(transport, "server")
          yield* secure.write(bytesOf("x"))
          yield* event(tls, "readable")
          assert.strictEqual(secure.proven, theirs.tubId, attempt)
          assert.isFalse(tls.isSessionReused(), attempt)
          assert.isDefined(session)
        }
      })
    )
  }
})

describe("NodeTransport, an established connection", () => {
  for (const side of sides) {
    it.live(`as ${side} fails a parked pull on a broken TLS record, after what came before it, and is destroyed`, () =>
      Effect.gen(function* () {
        const { raw, secure, socket, tls } = yield* securely(side)
        yield* Effect.promise(() => new Promise((resolve) => tls.write("whole", resolve)))
        raw.write("this is no TLS record")
        const { bytes, error } = yield* pullToEnd(secure)
        assert.strictEqual(Buffer.from(bytes).toString(), "whole")
        assert.strictEqual(error.kind, "tls")
        assert.isTrue(socket.destroyed)
        assert.strictEqual((yield* Effect.flip(secure.write(bytesOf("x")))).kind, "tls")
      })
    )

    it.live(`as ${side} takes the peer's close_notify for the end`, () =>
      Effect.gen(function* () {
        const { secure, tls } = yield* securely(side)
        const parked = yield* Effect.forkChild(Effect.flip(secure.pull), startNow)
        tls.end()
        assert.strictEqual((yield* Fiber.join(parked)).kind, "eof")
        assert.strictEqual((yield* Effect.flip(secure.write(bytesOf("x")))).kind, "eof")
      })
    )

    it.live(`as ${side} takes a FIN without close_notify for the end too`, () =>
      Effect.gen(function* () {
        const { raw, secure } = yield* securely(side)
        const parked = yield* Effect.forkChild(Effect.flip(secure.pull), startNow)
        raw.end()
        assert.strictEqual((yield* Fiber.join(parked)).kind, "eof")
      })
    )

    it.live(`as ${side} tells a reset from an end`, () =>
      Effect.gen(function* () {
        const { raw, secure } = yield* securely(side)
        const parked = yield* Effect.forkChild(Effect.flip(secure.pull), startNow)
        yield* Effect.forkChild(Effect.ignore(secure.write(unread)), startNow)
        // Not `resetAndDestroy`, which sends a FIN first: a socket that is closed with data unread is reset at once.
        raw.pause().destroy()
        const error = yield* Fiber.join(parked)
        assert.strictEqual(error.kind, "reset")
        assert.match(error.message, /^the connection broke \((read ECONNRESET|write (EPIPE|ECONNRESET))\)$/)
      })
    )

    it.live(`as ${side} ends with close_notify, and the peer's answer completes the close`, () =>
      Effect.gen(function* () {
        const { raw, secure, tls } = yield* securely(side)
        tls.resume()
        yield* Effect.all([secure.close, event(tls, "end")], { concurrency: "unbounded" })
        if (!raw.closed) yield* event(raw, "close")
      })
    )
  }

  for (const phase of ["before TLS", "under TLS"]) {
    const make = phase === "before TLS" ? makePair : makeSecurePair

    it.live(`${phase} takes 32 MiB at the pace of the reader, and delivers them whole`, () =>
      Effect.gen(function* () {
        const pair: { readonly client: Transport; readonly server: Transport } = yield* make
        const bytes = Buffer.alloc(32 * 1024 * 1024, pattern(65_521))
        const writing = yield* Effect.forkChild(Effect.andThen(pair.client.write(bytes), pair.client.flush), startNow)
        assert.isUndefined(writing.pollUnsafe())
        const received = yield* pullExactly(pair.server, bytes.length)
        yield* Fiber.join(writing)
        assertSame(received, bytes)
      })
    )

    it.live(`${phase} fails a write and a flush that wait when the connection is reset`, () =>
      Effect.gen(function* () {
        const scope = yield* Effect.scope
        const pair: { readonly client: Transport; readonly server: Transport } = yield* make
        const writing = yield* Effect.forkIn(Effect.flip(pair.client.write(unread)), scope, startNow)
        const flushing = yield* Effect.forkIn(Effect.flip(pair.client.flush), scope, startNow)
        // Data that was never read turns this into a reset.
        yield* pair.server.destroy
        assert.strictEqual((yield* Fiber.join(writing)).kind, "reset")
        assert.strictEqual((yield* Fiber.join(flushing)).kind, "reset")
        yield* pair.client.finish
        yield* pair.client.close
      })
    )

    it.live(`${phase} waits with close for a peer that does not read, until the caller's timeout`, () =>
      Effect.gen(function* () {
        const pair: { readonly client: Transport; readonly server: Transport } = yield* make
        yield* Effect.forkChild(Effect.ignore(pair.client.write(unread)), startNow)
        assert.isTrue(Option.isNone(yield* Effect.timeoutOption(pair.client.close, "20 millis")))
        assert.isTrue(Option.isNone(yield* Effect.timeoutOption(pair.client.finish, "20 millis")))
      })
    )

    it.live(`${phase} survives a reset that comes when its Scope has closed with data unsent`, () =>
      Effect.gen(function* () {
        const { client: socket, server: raw } = yield* sockets
        yield* Effect.gen(function* () {
          const plain = yield* adopt(socket)
          if (phase === "before TLS") return yield* Effect.forkChild(plain.write(unread), startNow)
          tlsPeer(raw, "server", pemsOf(theirs))
          const secure = yield* start(plain, "client")
          return yield* Effect.forkChild(secure.write(unread), startNow)
        }).pipe(Effect.scoped)
        assert.isTrue(socket.closed)
        raw.resetAndDestroy()
        // Whatever Node may still report, whenever: without a listener this would throw.
        socket.emit("error", new Error("late"))
      })
    )
  }
})

describe("NodeTransport, its Scope", () => {
  const nothingIsLeft = <E>(name: string, use: Effect.Effect<unknown, E, Scope.Scope>) =>
    it.live(`leaves no handle of a connection that ${name}`, () =>
      Effect.gen(function* () {
        const before = yield* handles
        yield* Effect.scoped(use)
        assert.deepStrictEqual(yield* handles, before)
      })
    )

  for (const phase of ["before TLS", "under TLS"]) {
    it.live(`closes, ${phase}, when the socket has closed and not before`, () =>
      Effect.gen(function* () {
        const { client: socket, server: raw } = yield* sockets
        let isClosed = false
        socket.on("close", () => (isClosed = true))
        yield* Effect.gen(function* () {
          const plain = yield* adopt(socket)
          if (phase === "before TLS") return
          tlsPeer(raw, "server", pemsOf(theirs))
          yield* start(plain, "client")
        }).pipe(Effect.scoped)
        assert.isTrue(isClosed)
      })
    )
  }

  nothingIsLeft("was never used", makePair)
  nothingIsLeft("is established", makeSecurePair)
  nothingIsLeft(
    "is being written to",
    Effect.flatMap(makeSecurePair, ({ client }) => Effect.forkChild(client.write(unread), startNow))
  )
  nothingIsLeft(
    "is being pulled from",
    Effect.flatMap(makeSecurePair, ({ client }) => Effect.forkChild(client.pull, startNow))
  )
  nothingIsLeft(
    "is being closed",
    Effect.flatMap(makeSecurePair, ({ client }) => Effect.forkChild(client.close, startNow))
  )
  nothingIsLeft(
    "was closed",
    Effect.flatMap(makeSecurePair, ({ client, server }) =>
      Effect.all([client.close, server.close], { concurrency: "unbounded" })
    )
  )
  nothingIsLeft(
    "was destroyed",
    Effect.flatMap(makeSecurePair, ({ client }) => client.destroy)
  )
  for (const side of sides) {
    nothingIsLeft(
      `is in the handshake of a ${side}`,
      Effect.flatMap(makePair, (pair) => Effect.forkChild(start(pair[side], side), startNow))
    )
    nothingIsLeft(
      `failed in the handshake of a ${side}`,
      Effect.gen(function* () {
        const { raw, transport } = yield* facing(side)
        raw.write("this is not TLS\r\n\r\n")
        yield* Effect.flip(start(transport, side))
      })
    )
    nothingIsLeft(
      `broke under the ${side}`,
      Effect.gen(function* () {
        const { raw, secure } = yield* securely(side)
        raw.write("this is no TLS record")
        yield* pullToEnd(secure)
      })
    )
  }
})

describe("NodeTransport.fromSocket", () => {
  it.live("says at once that a socket is gone which was reset before", () =>
    Effect.gen(function* () {
      const { client, server } = yield* sockets
      client.write(unread)
      server.destroy()
      yield* event(client, "close")
      const transport = yield* NodeTransport.fromSocket(client)
      const error = yield* Effect.flip(transport.pull)
      assert.strictEqual(error.kind, "reset")
      assert.match(error.message, /ECONNRESET|EPIPE/)
    })
  )

  it.live("says at once that the peer has finished which did so before", () =>
    Effect.gen(function* () {
      const { client, server } = yield* sockets
      server.end()
      client.resume()
      yield* event(client, "end")
      const transport = yield* NodeTransport.fromSocket(client)
      assert.strictEqual((yield* Effect.flip(transport.pull)).kind, "eof")
    })
  )
})

describe("NodeTransport.connect", () => {
  const listen = (host: string) =>
    Effect.acquireRelease(
      Effect.promise(async () => {
        const listener = Net.createServer((socket) => socket.on("error", () => {}).resume()).listen(0, host)
        await once(listener, "listening")
        return { listener, port: (listener.address() as Net.AddressInfo).port }
      }),
      ({ listener }) => Effect.promise(() => new Promise((resolve) => listener.close(resolve)))
    )

  for (const [host, shown] of [
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]"],
    ["localhost", "127.0.0.1"]
  ] as const) {
    it.live(`reaches ${host} and says where it is`, () =>
      Effect.gen(function* () {
        const { port } = yield* listen(host === "localhost" ? "127.0.0.1" : host)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const transport = yield* NodeTransport.connect({ host, port })
            assert.strictEqual(transport.remoteAddress, `${shown}:${port}`)
            yield* transport.close
          })
        )
      })
    )
  }

  for (const host of ["127.0.0.1", "localhost"]) {
    it.live(`says which address refused, for ${host}`, () =>
      Effect.gen(function* () {
        const { port } = yield* Effect.scoped(listen("127.0.0.1"))
        const error = yield* Effect.flip(NodeTransport.connect({ host, port }))
        assert.include(error.message, `ECONNREFUSED 127.0.0.1:${port}`)
      })
    )
  }

  it.live("fails for a number that is no port", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(NodeTransport.connect({ host: "127.0.0.1", port: 70_000 }))
      assert.include(error.message, "70000")
    })
  )

  it.live("abandons the attempt when it is interrupted, before its Scope closes", () =>
    Effect.gen(function* () {
      const { port } = yield* listen("127.0.0.1")
      const before = yield* handles
      const connecting = yield* Effect.forkChild(NodeTransport.connect({ host: "127.0.0.1", port }), startNow)
      yield* Fiber.interrupt(connecting)
      // The listener's end of it closes by itself, when it sees the other gone.
      while ((yield* handles).length > before.length);
    })
  )
})

describe("SecureContext.secureContextOf", () => {
  it("is built once for an identity and a range of versions", () => {
    const both = { min: "TLSv1.2", max: "TLSv1.3" } as const
    assert.strictEqual(secureContextOf(ours, both), secureContextOf(ours, { ...both }))
    assert.notStrictEqual(secureContextOf(ours, both), secureContextOf(theirs, both))
    assert.notStrictEqual(secureContextOf(ours, both), secureContextOf(ours, { ...both, max: "TLSv1.2" }))
  })
})

// A server that, unlike a Tub, wants an authority behind a certificate.
const strictServer = (version: TlsVersion) =>
  Tls.createServer({
    ...pemsOf(theirs),
    minVersion: version,
    maxVersion: version,
    requestCert: true,
    rejectUnauthorized: true
  }).on("tlsClientError", () => {})

const x25519 = 0x1d

/** The extensions of a ClientHello (RFC 8446, 4.1.2) in one TLS record, by type. */
const extensionsOf = (record: Buffer): Map<number, Buffer> => {
  let at = 5 + 4 + 2 + 32
  at += 1 + record.readUInt8(at)
  at += 2 + record.readUInt16BE(at)
  at += 1 + record.readUInt8(at)
  const end = at + 2 + record.readUInt16BE(at)
  at += 2
  const extensions = new Map<number, Buffer>()
  while (at < end) {
    const length = record.readUInt16BE(at + 2)
    extensions.set(record.readUInt16BE(at), record.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return extensions
}

const groupsOf = (extension: Buffer = Buffer.alloc(2)) =>
  Array.from({ length: extension.readUInt16BE(0) / 2 }, (_, i) => extension.readUInt16BE(2 + 2 * i))
