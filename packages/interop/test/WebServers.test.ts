import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as TubId from "@effect-foolscap/furl/TubId"
import { Whereabouts } from "@effect-foolscap/negotiation/LocalTubs"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as Nginx from "../src/Nginx.ts"
import * as OurTub from "../src/OurTub.ts"
import { describeWith } from "../src/Requirements.ts"

const wanted = TubId.TubId.make("a".repeat(32))
const other = TubId.TubId.make("b".repeat(32))

describeWith(["nginx-light"], "A web server in the place of a Tub", () => {
  const reach = Effect.fnUntraced(function* (directive?: string) {
    const nginx = yield* Nginx.start(directive === undefined ? {} : { [`/id/${wanted}`]: directive })
    const tub = yield* OurTub.make(yield* Identities.make())
    return yield* tub.failureAt(nginx.hint, wanted)
  })

  for (const { answer, directive } of [
    { directive: undefined, answer: "HTTP/1.1 404 Not Found" },
    { directive: "return 200 welcome", answer: "HTTP/1.1 200 OK" },
    { directive: `return 301 http://127.0.0.1:4711/id/${wanted}`, answer: "HTTP/1.1 301 Moved Permanently" },
    { directive: `return 500`, answer: "HTTP/1.1 500 Internal Server Error" }
  ] as const) {
    it.live(`is recognised by its ${answer}`, () =>
      Effect.gen(function* () {
        const error = yield* reach(directive)
        assert.instanceOf(error, NegotiationError)
        assert.deepInclude(error, { phase: "Plaintext", side: "client" })
        assert.deepInclude(error.reason, { _tag: "NotATub", answer })
      })
    )
  }

  it.live("can say with 303 where the Tub is", () =>
    Effect.gen(function* () {
      const error = yield* reach(`return 303 http://127.0.0.1:4711/id/${wanted}`)
      assert.instanceOf(error, Redirect)
      assert.deepInclude(error, { side: "client", tubId: wanted })
      assert.deepStrictEqual(
        error.hints.map(({ text }) => text),
        ["tcp:127.0.0.1:4711"]
      )
    })
  )

  it.live("cannot say with 303 that another Tub will do", () =>
    Effect.gen(function* () {
      const error = yield* reach(`return 303 http://127.0.0.1:4711/id/${other}`)
      assert.instanceOf(error, NegotiationError)
      assert.deepInclude(error.reason, { _tag: "RedirectedElsewhere", wanted })
    })
  )
})

describe("An HTTP client at a port of ours", () => {
  const get = Effect.fnUntraced(function* (path: (own: TubId.TubId) => string) {
    const tub = yield* OurTub.make(yield* Identities.make())
    const port = yield* tub.listen
    const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port.port}${path(tub.tubId)}`))
    const body = yield* Effect.promise(() => response.text())
    const error = yield* port.failed
    assert.instanceOf(error, NegotiationError)
    assert.deepInclude(error, { phase: "Plaintext", side: "server" })
    return { response, body, reason: error.reason }
  })

  it.live("gets a page that says what this port is", () =>
    Effect.gen(function* () {
      const { body, reason, response } = yield* get(() => "/")
      assert.strictEqual(response.status, 404)
      assert.include(response.headers.get("content-type"), "text/html")
      assert.match(body, /<html/i)
      assert.match(body, /Tub/)
      assert.deepInclude(reason, { _tag: "NotATubPath", path: "/" })
    })
  )

  it.live("is told to upgrade when it asks for a Tub that is here", () =>
    Effect.gen(function* () {
      const { reason, response } = yield* get((own) => `/id/${own}`)
      assert.strictEqual(response.status, 426)
      assert.strictEqual(response.headers.get("upgrade"), "TLS/1.0")
      assert.strictEqual(reason._tag, "UpgradeMissing")
    })
  )
})

describeWith(["python3-foolscap"], "A Foolscap that we send elsewhere", () => {
  it.live("does not follow, and quotes our 303 to its caller", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const port = yield* OurTub.listenAs(Whereabouts.Elsewhere({ hints: [LocationHint.tcp("127.0.0.1", 4711)] }))
      peer.tell({ do: "dial", tubId: wanted, hints: [port.hint] })
      const error = yield* port.failed
      assert.instanceOf(error, Redirect)
      assert.deepInclude(error, { side: "server", tubId: wanted })
      const there = yield* peer.next("unreachable")
      assert.include(there.text, "not right, got 'HTTP/1.1 303 See Other', expected 101 Switching Protocols")
    })
  )
})
