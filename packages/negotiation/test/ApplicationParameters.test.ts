import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { ApplicationParameters, ApplicationProtocols } from "../src/ApplicationParameters.ts"
import { LinkEnd } from "../src/Link.ts"
import * as Application from "../src/policy/Application.ts"
import * as Parameter from "../src/policy/Parameter.ts"
import { attempt, connect } from "./Both.ts"
import { clientHello, converse, decision, errorBlock, errorToken, hello, outcomeOf, underTls } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"

const Level = Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 0, maximum: 9 }))

const compression = (ours: number, silent?: number) =>
  Parameter.make({
    key: "compression",
    offer: Level,
    choice: Level,
    ours,
    ...(silent === undefined ? {} : { silent }),
    decide: (master, other) =>
      Math.abs(master - other) > 5 ? Result.fail(`${master} and ${other} are too far apart`) : Result.succeed(master)
  })

/** One that any text is good for. */
const compressionLike = {
  offer: Schema.String,
  choice: Schema.String,
  ours: "x",
  decide: () => Result.succeed("x")
}

const wanting = (...parameters: ReadonlyArray<Parameter.Parameter<unknown>>) => ({
  settings: Layer.succeed(ApplicationParameters)(parameters)
})
const speaking = (...protocols: readonly [string, ...ReadonlyArray<string>]) => ({
  settings: Layer.succeed(ApplicationProtocols)(protocols)
})

describe("Application parameters", () => {
  for (const [client, server] of [
    [low, high],
    [high, low]
  ] as const) {
    const master = client === high ? "client" : "server"

    it.effect(`are the same on both sides, as the Master wants them (the ${master}, N28, N29)`, () =>
      Effect.gen(function* () {
        const ours = Layer.mergeAll(wanting(compression(7)).settings, speaking("rpc/2", "rpc/1").settings)
        const theirs = Layer.mergeAll(wanting(compression(3)).settings, speaking("rpc/1", "rpc/2").settings)
        const settings = (tub: typeof high) => ({ settings: tub === high ? ours : theirs })
        const ends = yield* connect(yield* side(client, settings(client)), yield* side(server, settings(server)))
        for (const { parameters } of [ends.client, ends.server]) {
          assert.deepStrictEqual(Parameter.choice(compression(0), parameters), Option.some(7))
          assert.strictEqual(parameters.applicationProtocol, "rpc/2")
        }
      })
    )

    it.effect(`fail on both sides with the parameter's key (the Master is the ${master}, N28)`, () =>
      Effect.gen(function* () {
        const level = (tub: typeof high) => wanting(compression(tub === high ? 1 : 9))
        const exits = yield* attempt(yield* side(client, level(client)), yield* side(server, level(server)))
        const said = "no agreement on compression: 1 and 9 are too far apart"
        const outcomes = [outcomeOf(exits.client), outcomeOf(exits.server)]
        assert.sameMembers(outcomes, ["Deciding NoAgreement", "Deciding PeerRefused"])
        for (const exit of [exits.client, exits.server]) assert.include(String(exit), said)
      })
    )

    it.effect(`fail on both sides where one cannot do without and the other does not know it (${master}, N28)`, () =>
      Effect.gen(function* () {
        const said = "no agreement on compression: one side says nothing of it"
        for (const picky of [client, server]) {
          const level = (tub: typeof high) => (tub === picky ? wanting(compression(1)) : {})
          const exits = yield* attempt(yield* side(client, level(client)), yield* side(server, level(server)))
          for (const exit of [exits.client, exits.server]) {
            // The one that wants nothing may have gone on by then, as Master, and meets the refusal on its link.
            if (Exit.isSuccess(exit)) {
              const { ended, role, socket } = exit.value
              assert.strictEqual(role, "Master")
              yield* Effect.scoped(Effect.flatMap(socket.reader, ({ pull }) => Effect.flip(pull)))
              assert.deepStrictEqual(yield* ended, LinkEnd.RefusedByPeer({ text: said }))
            } else {
              assert.include(String(exit), said)
            }
          }
        }
      })
    )
  }

  it.effect("are lines of the Hello and the Decision, sorted in among the others (N5, N28)", () =>
    Effect.gen(function* () {
      const service = yield* side(high, wanting(compression(7)))
      const says = hello(low, { compression: "3" })
      const { heard } = yield* converse(service, "server", underTls("server", high, low.credentials, says))
      const ours = hello(high).replace("initial-vocab", "compression: 7\r\ninitial-vocab")
      const decided = decision().replace("current-connection", "compression: 7\r\ncurrent-connection")
      assert.strictEqual(heard.secret, ours + decided)
    })
  )

  it.effect("leave every byte to a Foolscap peer as it was, but for our offer (N13, N20, N28)", () =>
    Effect.gen(function* () {
      const service = yield* side(high, wanting(compression(7, 5)))
      const { exit, heard } = yield* converse(service, "client", underTls("client", high, low.credentials, hello(low)))
      const [banana = "", others = ""] = clientHello(high).split(/(?=initial-vocab)/)
      assert.strictEqual(heard.secret, `${banana}compression: 7\r\n${others}${decision()}`)
      if (Exit.isFailure(exit)) return assert.fail(String(exit.cause))
      assert.deepStrictEqual(Parameter.choice(compression(0), exit.value.parameters), Option.some(7))
    })
  )

  it.effect("that a peer writes and we do not know are ignored (N5, N28)", () =>
    Effect.gen(function* () {
      const script = underTls(
        "server",
        low,
        high.credentials,
        hello(high, { flavour: "x" }) + decision({ flavour: "y" })
      )
      const { outcome } = yield* converse(yield* side(low), "server", script)
      assert.strictEqual(outcome, "connected as NonMaster")
    })
  )

  it.effect("that cannot be read are told of in an error block, before anybody decides (N23, N28)", () =>
    Effect.gen(function* () {
      for (const self of [low, high]) {
        const peer = self === low ? high : low
        const script = underTls("server", self, peer.credentials, hello(peer, { compression: "much" }))
        const { heard, outcome } = yield* converse(yield* side(self, wanting(compression(7))), "server", script)
        assert.strictEqual(outcome, "Encrypted NoAgreement")
        assert.match(
          heard.secret,
          /banana-decision-version: 1\r\nerror: no agreement on compression: .*much.*\r\n\r\n$/
        )
      }
    })
  )

  it.effect("that the Master decides against our Schema are told of in an ERROR token (N23, N28)", () =>
    Effect.gen(function* () {
      const service = yield* side(low, speaking("rpc/1", "rpc/2"))
      const says = hello(high, { "application-protocols": "rpc/1" }) + decision({ "application-protocol": "rpc/3" })
      const { heard, outcome } = yield* converse(service, "server", underTls("server", low, high.credentials, says))
      assert.strictEqual(outcome, "Deciding NoAgreement")
      const ours = hello(low).replace("banana-neg", "application-protocols: rpc/1 rpc/2\r\nbanana-neg")
      const problem = 'the choice "rpc/3" cannot be read: expected one of rpc/1, rpc/2'
      assert.strictEqual(heard.secret, ours + errorToken(`no agreement on application-protocols: ${problem}`))
    })
  )

  it.effect("cost a Master no link that it has: they are settled before the duplicate is judged (N22, N28)", () =>
    Effect.gen(function* () {
      const server = yield* side(high, speaking("rpc/1"))
      const ends = yield* connect(yield* side(low, speaking("rpc/1")), server)
      const restarted = { ...low, incarnation: "3333333333333333" }
      const exits = yield* attempt(yield* side(restarted, speaking("banana")), server)
      assert.strictEqual(outcomeOf(exits.server), "Deciding NoAgreement")
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(ends.server.ended, 0)))
    })
  )

  for (const [claim, settings] of [
    ["two have the same key", wanting(compression(1), compression(2))],
    [
      "one takes a key of the built-in one",
      wanting(Parameter.make({ ...compressionLike, key: "application-protocol" }))
    ],
    [
      "they do not fit into a Hello",
      wanting(Parameter.make({ ...compressionLike, ours: "x".repeat(Application.room), key: "long" }))
    ]
  ] as const) {
    it.effect(`end the program that starts with them if ${claim}`, () =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(side(low, settings))
        assert.isTrue(Exit.hasDies(exit))
      })
    )
  }

  it.effect("tell nobody more than a Foolscap peer reads, whatever the peer offered (N6, N23)", () =>
    Effect.gen(function* () {
      const script = underTls("server", high, low.credentials, hello(low, { compression: "9".repeat(3000) }))
      const { heard } = yield* converse(yield* side(high, wanting(compression(7))), "server", script)
      const told = heard.secret.split("\r\n\r\n")[1] ?? ""
      assert.isBelow(told.length, 600)
      assert.isTrue(told.startsWith(errorBlock("no agreement on compression: ").trimEnd()))
    })
  )
})
