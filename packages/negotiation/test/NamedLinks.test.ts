import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { LinkEnd } from "../src/Link.ts"
import type { NegotiatedConnection } from "../src/NegotiatedConnection.ts"
import { attempt, connect, type Service } from "./Both.ts"
import { converse, hello, outcomeOf, underTls } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"

/** Who dials, and which link. */
const Dials = Schema.Array(
  Schema.Struct({ isLow: Schema.Boolean, name: Schema.UndefinedOr(Schema.Literals(["a", "b"])) })
).check(Schema.isMaxLength(12))

const isOpen = ({ ended }: NegotiatedConnection) =>
  Effect.map(Effect.timeoutOption(ended, 0), (end) => end._tag === "None")

const named = (name: string, lastConnection = "none 0") => ({ dial: { name, lastConnection } })

/** What whoever dials a named link remembers of the one it had. */
const memory = ({ incarnations, role, seqnum }: NegotiatedConnection) =>
  role === "NonMaster" ? `${incarnations.remote} ${seqnum}` : "none 0"

describe("A link with a name", () => {
  for (const [dials, answers] of [
    [low, high],
    [high, low]
  ] as const) {
    const role = dials === high ? "Master" : "NonMaster"

    it.effect(`stands beside the link without a name and beside other names (${role} dials, N30)`, () =>
      Effect.gen(function* () {
        const [client, server] = [yield* side(dials), yield* side(answers)]
        const ends = [
          yield* connect(client, server),
          yield* connect(client, server, named("a")),
          yield* connect(client, server, named("undefined"))
        ]
        assert.deepStrictEqual(
          ends.map((both) => [both.client.name, both.server.name]),
          [
            [undefined, undefined],
            ["a", "a"],
            ["undefined", "undefined"]
          ]
        )
        for (const both of ends) {
          assert.isTrue(yield* isOpen(both.client))
          assert.isTrue(yield* isOpen(both.server))
        }
      })
    )

    it.effect(`is counted together with all links of the pair (${role} dials, N30)`, () =>
      Effect.gen(function* () {
        const [client, server] = [yield* side(dials), yield* side(answers)]
        const seqnums: Array<number | undefined> = []
        for (const options of [undefined, named("a"), named("b")]) {
          const both = yield* connect(client, server, options)
          assert.strictEqual(both.client.seqnum, both.server.seqnum)
          seqnums.push(both.client.seqnum)
        }
        assert.deepStrictEqual(seqnums, [1, 2, 3])
      })
    )
  }

  it.effect("takes the place of the one its client had under that name, which the Master believes in (N22, N30)", () =>
    Effect.gen(function* () {
      const [client, server] = [yield* side(low), yield* side(high)]
      const first = yield* connect(client, server, named("a"))
      const other = yield* connect(client, server, named("b"))
      const second = yield* connect(client, server, named("a", memory(first.client)))
      assert.deepStrictEqual(yield* first.server.ended, LinkEnd.Replaced())
      assert.isTrue(yield* isOpen(second.server))
      assert.isTrue(yield* isOpen(other.server))
    })
  )

  it.effect("is refused where its client does not know the one there is (N22, N30)", () =>
    Effect.gen(function* () {
      const [client, server] = [yield* side(low), yield* side(high)]
      const first = yield* connect(client, server, named("a"))
      const exits = yield* attempt(client, server, {}, named("a"))
      assert.strictEqual(outcomeOf(exits.server), "Deciding DuplicateConnection")
      assert.isTrue(yield* isOpen(first.server))
    })
  )

  it.effect("leaves what is remembered of the link without a name as it was (N21, N30)", () =>
    Effect.gen(function* () {
      const [client, server] = [yield* side(low), yield* side(high)]
      const first = yield* connect(client, server)
      yield* connect(client, server, named("a"))
      // Without a name again: the client knows its own first link still, and so takes its place.
      yield* connect(client, server)
      assert.deepStrictEqual(yield* first.server.ended, LinkEnd.Replaced())
    })
  )

  it.effect("has a name that a line can hold, or its client is refused (N15, N30)", () =>
    Effect.gen(function* () {
      for (const name of ["two words", "", "x".repeat(65), "ü"]) {
        const { outcome } = yield* converse(
          yield* side(high),
          "server",
          underTls("server", high, low.credentials, hello(low, { "last-connection": "none 0", "link-name": name }))
        )
        assert.strictEqual(outcome, "Encrypted MalformedBlock", name)
      }
    })
  )

  it.effect("is never given a name by a server (N30)", () =>
    Effect.gen(function* () {
      const { exit } = yield* converse(
        yield* side(high),
        "client",
        underTls("client", low, low.credentials, hello(low, { "link-name": "a" }))
      )
      if (Exit.isFailure(exit)) return assert.fail(String(exit.cause))
      assert.isUndefined(exit.value.name)
    })
  )

  it.effect.prop(
    "keeps exactly one link for each name, whatever is dialled in whatever order (N22, N30)",
    [Dials],
    ([dials]) =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(low), yield* side(high)]
        const links: Array<NegotiatedConnection> = []
        for (const { isLow, name } of dials) {
          const [client, server]: [Service, Service] = isLow ? [here, there] : [there, here]
          const known = links.findLast((link) => link.name === name && link.local === low.tubId)
          const lastConnection =
            isLow && known !== undefined ? `${known.incarnations.remote} ${known.seqnum}` : "none 0"
          const dial = name === undefined ? {} : { name, lastConnection }
          const exits = yield* attempt(client, server, {}, { dial })
          for (const exit of [exits.client, exits.server]) if (Exit.isSuccess(exit)) links.push(exit.value)
        }
        const open = (yield* Effect.filter(links, isOpen)).map(({ local, name }) => `${local} ${name}`)
        const names = new Set(dials.map(({ name }) => name))
        assert.sameMembers(
          open,
          [...names].flatMap((name) => [`${low.tubId} ${name}`, `${high.tubId} ${name}`])
        )
      })
  )
})

describe("A server with a say in who gets a link", () => {
  const admit = (...admitted: ReadonlyArray<typeof low>) => ({
    accept: { admit: (peer: unknown) => Effect.succeed(admitted.some(({ tubId }) => tubId === peer)) }
  })

  for (const [client, server] of [
    [low, high],
    [high, low]
  ] as const) {
    it.effect(`refuses whoever is not admitted, and tells why (the client is ${client.tubId.slice(0, 4)}, N31)`, () =>
      Effect.gen(function* () {
        const exits = yield* attempt(yield* side(client), yield* side(server), {}, admit(server))
        assert.strictEqual(outcomeOf(exits.server), "Encrypted NotAdmitted")
        const text = `${client.tubId} is not admitted here`
        if (client === low) return assert.include(String(exits.client), `the peer refused: ${text}`)
        // A Master has decided by then.
        const { ended } = yield* exits.client
        assert.deepStrictEqual(yield* ended, LinkEnd.RefusedByPeer({ text }))
      })
    )

    it.effect(`links with whoever is (the client is ${client.tubId.slice(0, 4)}, N31)`, () =>
      Effect.gen(function* () {
        const both = yield* connect(yield* side(client), yield* side(server), admit(client))
        assert.strictEqual(both.server.peer, client.tubId)
      })
    )
  }

  it.effect("does not lose the link it has to one it refuses (N22, N31)", () =>
    Effect.gen(function* () {
      const [client, server] = [yield* side(low), yield* side(high)]
      const both = yield* connect(client, server)
      yield* attempt(client, server, {}, admit())
      assert.isTrue(yield* isOpen(both.server))
    })
  )
})
