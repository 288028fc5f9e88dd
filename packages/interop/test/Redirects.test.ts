import type { TubId } from "@effect-foolscap/furl/TubId"
import type { ConnectError } from "@effect-foolscap/tub/ConnectError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as Nginx from "../src/Nginx.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import * as Ports from "../src/Ports.ts"
import { describeWith } from "../src/Requirements.ts"

/** What a web server calls the place where a Tub is. */
const url = (tubId: TubId, hint: string) => `http://${hint.replace("tcp:", "")}/id/${tubId}`

/** An nginx that knows where this Tub is. */
const nginxFor = (tubId: TubId, hint: string) => Nginx.start({ [`/id/${tubId}`]: `return 303 ${url(tubId, hint)}` })

const dialler = Effect.flatMap(Identities.make(), OurTub.make)

/** The ways that were tried, and what came of them. */
const waysOf = ({ attempts }: ConnectError) =>
  attempts.map(({ error, hint, via }) => ({
    way: [...via, hint],
    tag: error._tag === "NegotiationError" ? error.reason._tag : error._tag
  }))

describeWith(["nginx-light", "python3-foolscap"], "A Tub is found that a web server redirects to", () => {
  it.live("if it is Foolscap's", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const nginx = yield* nginxFor(peer.tubId, peer.hint)
      const tub = yield* dialler
      const { connection, hint, redirects } = yield* tub.connect({ tubId: peer.tubId, hints: [nginx.hint] })
      assert.deepInclude({ hint: hint.text, redirects }, { hint: peer.hint, redirects: 1 })
      assert.strictEqual(connection.peer, peer.tubId)
      assert.strictEqual((yield* peer.next("connected")).peer, tub.tubId)
      yield* Ping.answered(connection)
    })
  )

  it.live("if it is one of ours", () =>
    Effect.gen(function* () {
      const there = yield* dialler
      const port = yield* there.listen
      const nginx = yield* nginxFor(there.tubId, port.hint)
      const tub = yield* dialler
      const { connection, hint, redirects } = yield* tub.connect({ tubId: there.tubId, hints: [nginx.hint] })
      assert.deepInclude({ hint: hint.text, redirects }, { hint: port.hint, redirects: 1 })
      assert.strictEqual(connection.peer, there.tubId)
      assert.strictEqual((yield* port.linked).peer, tub.tubId)
    })
  )

  it.live("by way of another web server and of a Tub of ours", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const near = yield* nginxFor(peer.tubId, peer.hint)
      const middle = yield* OurTub.listenElsewhere(near.hint)
      const far = yield* nginxFor(peer.tubId, middle.hint)
      const tub = yield* dialler
      const { connection, hint, redirects } = yield* tub.connect({ tubId: peer.tubId, hints: [far.hint] })
      assert.deepInclude({ hint: hint.text, redirects }, { hint: peer.hint, redirects: 3 })
      yield* Ping.answered(connection)
    })
  )

  it.live("only if it proves to be the one that was asked for first", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start({ any: true })
      const wanted = (yield* Identities.make()).tubId
      const nginx = yield* nginxFor(wanted, peer.hint)
      const error = yield* Effect.flip((yield* dialler).connect({ tubId: wanted, hints: [nginx.hint] }))
      assert.deepStrictEqual(waysOf(error), [
        { way: [nginx.hint], tag: "Redirect" },
        { way: [nginx.hint, peer.hint], tag: "WrongTub" }
      ])
    })
  )
})

describeWith(["nginx-light"], "A dial ends with the whole way it went", () => {
  const refusedBy = Effect.fnUntraced(function* (hint: string, wanted: TubId) {
    return yield* Effect.flip((yield* dialler).connect({ tubId: wanted, hints: [hint] }))
  })

  it.live("when a web server redirects to itself", () =>
    Effect.gen(function* () {
      const { tubId } = yield* Identities.make()
      const nginx = yield* nginxFor(tubId, "127.0.0.1:$server_port")
      const error = yield* refusedBy(nginx.hint, tubId)
      assert.deepStrictEqual(waysOf(error), [{ way: [nginx.hint], tag: "RedirectLoop" }])
      assert.include(error.message, `${nginx.hint}: the server sends us to ${nginx.hint}`)
    })
  )

  it.live("when it and a Tub of ours redirect to each other", () =>
    Effect.gen(function* () {
      const { tubId } = yield* Identities.make()
      const port = yield* Ports.free
      const ours = yield* OurTub.listenElsewhere(`tcp:127.0.0.1:${port}`)
      const nginx = yield* Nginx.startAt(port, { [`/id/${tubId}`]: `return 303 ${url(tubId, ours.hint)}` })
      assert.deepStrictEqual(waysOf(yield* refusedBy(ours.hint, tubId)), [
        { way: [ours.hint], tag: "Redirect" },
        { way: [ours.hint, nginx.hint], tag: "RedirectLoop" }
      ])
    })
  )

  it.live("when it redirects to another Tub", () =>
    Effect.gen(function* () {
      const { tubId } = yield* Identities.make()
      const other = yield* dialler
      const port = yield* other.listen
      const nginx = yield* Nginx.start({ [`/id/${tubId}`]: `return 303 ${url(other.tubId, port.hint)}` })
      const error = yield* refusedBy(nginx.hint, tubId)
      assert.deepStrictEqual(waysOf(error), [{ way: [nginx.hint], tag: "RedirectedElsewhere" }])
    })
  )

  it.live("when it redirects to where nobody listens", () =>
    Effect.gen(function* () {
      const { tubId } = yield* Identities.make()
      const nowhere = `tcp:127.0.0.1:${yield* Ports.free}`
      const nginx = yield* nginxFor(tubId, nowhere)
      assert.deepStrictEqual(waysOf(yield* refusedBy(nginx.hint, tubId)), [
        { way: [nginx.hint], tag: "Redirect" },
        { way: [nginx.hint, nowhere], tag: "Unreachable" }
      ])
    })
  )

  for (const status of [301, 302, 307, 308]) {
    it.live(`when it answers ${status}, which is no redirect here`, () =>
      Effect.gen(function* () {
        const there = yield* dialler
        const port = yield* there.listen
        const nginx = yield* Nginx.start({ [`/id/${there.tubId}`]: `return ${status} ${url(there.tubId, port.hint)}` })
        const error = yield* refusedBy(nginx.hint, there.tubId)
        assert.deepStrictEqual(waysOf(error), [{ way: [nginx.hint], tag: "NotATub" }])
      })
    )
  }
})

describe("A chain of redirects", () => {
  /** `length` Tubs of ours, of which each sends everyone on to the next, and the last to `hint`. */
  const chainTo = Effect.fnUntraced(function* (hint: string, length: number) {
    let next = hint
    for (let hops = 0; hops < length; hops++) next = (yield* OurTub.listenElsewhere(next)).hint
    return next
  })

  it.live("may be five long", () =>
    Effect.gen(function* () {
      const there = yield* dialler
      const port = yield* there.listen
      const first = yield* chainTo(port.hint, 5)
      const { connection, redirects } = yield* (yield* dialler).connect({ tubId: there.tubId, hints: [first] })
      assert.strictEqual(redirects, 5)
      assert.strictEqual(connection.peer, there.tubId)
    })
  )

  it.live("is left where it is longer", () =>
    Effect.gen(function* () {
      const there = yield* dialler
      const port = yield* there.listen
      const first = yield* chainTo(port.hint, 6)
      const error = yield* Effect.flip((yield* dialler).connect({ tubId: there.tubId, hints: [first] }))
      assert.deepStrictEqual(
        waysOf(error).map(({ tag, way }) => [way.length, tag]),
        [...[1, 2, 3, 4, 5].map((length) => [length, "Redirect"]), [6, "TooManyRedirects"]]
      )
    })
  )
})
