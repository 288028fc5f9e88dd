import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { HintHandler } from "@effect-foolscap/tub/HintHandler"
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import dns from "node:dns"
import { isIP } from "node:net"
import { networkInterfaces } from "node:os"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeHintHandler from "../src/NodeHintHandler.ts"

const decode = Schema.decodeSync(LocationHint.FromString)

/** Has every name stand for these addresses, in this order. */
const namesMean = (...addresses: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(
      () =>
        vi.spyOn(dns, "lookup").mockImplementation(((_name: string, _options: unknown, found: Found) =>
          found(
            null,
            addresses.map((address) => ({ address, family: isIP(address) }))
          )) as unknown as typeof dns.lookup) // one of its many forms: Node asks for all addresses
    ),
    (lookup) => Effect.sync(() => lookup.mockRestore())
  )

type Found = (error: null, addresses: ReadonlyArray<dns.LookupAddress>) => void

/** A port that is free on both loopback addresses, but for a listener on this one. */
const onlyAt = (host: string) => Effect.map(NodeEndpoint.listen({ host, port: 0 }), ({ address }) => address.port)

const connect = (hint: LocationHint.LocationHint) =>
  Effect.flatMap(HintHandler, (handler) => handler.connect(hint)).pipe(Effect.provide(NodeHintHandler.layer))

describe("NodeHintHandler", () => {
  for (const host of ["127.0.0.1", "::1"]) {
    it.live(`reaches a tcp hint at ${host}`, () =>
      Effect.gen(function* () {
        const { address } = yield* NodeEndpoint.listen({ host, port: 0 })
        const hint = LocationHint.tcp(host, address.port)
        const transport = yield* connect(hint)
        assert.strictEqual(`tcp:${transport.remoteAddress}`, LocationHint.format(hint))
      })
    )
  }

  it.live("reaches a hint in the oldest form, which names no kind", () =>
    Effect.gen(function* () {
      const { address } = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
      yield* connect(decode(`localhost:${address.port}`))
    })
  )

  for (const [dead, live] of [
    ["::1", "127.0.0.1"],
    ["127.0.0.1", "::1"]
  ] as const) {
    it.live(`reaches a name whose address ${dead} is dead, by its address ${live}`, () =>
      Effect.gen(function* () {
        const port = yield* onlyAt(live)
        yield* namesMean(dead, live)
        const { remoteAddress } = yield* connect(LocationHint.tcp("somewhere.invalid", port))
        assert.strictEqual(`tcp:${remoteAddress}`, LocationHint.tcp(live, port).text)
      })
    )
  }

  it.live("says of every address of a name why it failed", () =>
    Effect.gen(function* () {
      const port = yield* Effect.scoped(onlyAt("127.0.0.1"))
      yield* namesMean("::1", "127.0.0.1")
      const { message } = yield* Effect.flip(connect(LocationHint.tcp("somewhere.invalid", port)))
      assert.include(message, `connect ECONNREFUSED ::1:${port}, connect ECONNREFUSED 127.0.0.1:${port}`)
    })
  )

  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some(({ address }) => address === "::1") !== true) continue
    it.live(`reaches an address in the zone ${name}`, () =>
      Effect.gen(function* () {
        const port = yield* onlyAt("::1")
        yield* connect(decode(`tcp:[::1%${name}]:${port}`))
      })
    )
  }

  for (const text of ["tor:abc.onion:80", "i2p:abc.b32.i2p", "nonsense"]) {
    it.live(`knows nothing about ${text}, and says what it knows`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(connect(decode(text)))
        assert.strictEqual(error._tag, "UnknownHint")
        assert.strictEqual(error.message, `no handler here connects to ${text}, only to tcp and unix hints`)
      })
    )
  }

  for (const text of ["tcp:host", "tcp:127.0.0.1:70000"]) {
    it.live(`takes ${text} for malformed`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(connect(decode(text)))
        assert.strictEqual(error._tag, "UnknownHint")
        assert.strictEqual(error.message, `${text} is malformed; a hint of this kind is tcp:HOST:PORT`)
      })
    )
  }

  for (const host of ["127.0.0.1", "localhost"]) {
    it.live(`says that nobody listens on a port of ${host}`, () =>
      Effect.gen(function* () {
        const { address } = yield* Effect.scoped(NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }))
        const text = `tcp:${host}:${address.port}`
        const error = yield* Effect.flip(connect(decode(text)))
        assert.strictEqual(error._tag, "Unreachable")
        assert.strictEqual(error.hint, text)
        assert.match(error.message, /^cannot reach tcp:.*ECONNREFUSED 127\.0\.0\.1/)
      })
    )
  }

  it.live("says that a name does not resolve", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(connect(decode("tcp:nothing.invalid:1")))
      assert.strictEqual(error._tag, "Unreachable")
      assert.match(error.message, /^cannot reach tcp:nothing\.invalid:1: getaddrinfo (ENOTFOUND|EAI_AGAIN)/)
    })
  )
})
