import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { LocalTub } from "../../src/LocalTub.ts"
import type { Side } from "../../src/policy/Master.ts"
import { clientHello, converse, decision, get, hello, other, type Script, switching, underTls } from "../Peer.ts"
import { high, low, side } from "../Sides.ts"

const everywhere: ReadonlyArray<readonly [Side, LocalTub]> = [
  ["client", low],
  ["client", high],
  ["server", low],
  ["server", high]
]

/** What the peer says in a conversation that succeeds, and what it hears. */
const conversation = (on: Side, self: LocalTub) => {
  const peer = other(self)
  return {
    peer,
    clear: on === "server" ? get(self.tubId) : switching,
    theirHello: on === "server" ? clientHello(peer) : hello(peer),
    theirDecision: self === low ? decision() : "",
    heardClear: on === "server" ? switching : get(peer.tubId),
    ourHello: on === "client" ? clientHello(self) : hello(self)
  }
}

for (const afterwards of ["finishes", "vanishes"] as const) {
  describe(`A peer that ${afterwards} after any byte`, () => {
    for (const [on, self] of everywhere) {
      const { clear, heardClear, ourHello, peer, theirDecision, theirHello } = conversation(on, self)
      const us = `a ${on} (${self === high ? "Master" : "NonMaster"})`
      const good = underTls(on, self, peer.credentials, theirHello + theirDecision)
      // When a peer vanishes, our own next write may be the first to notice.
      const gone = afterwards === "finishes" ? /^PeerClosed$/ : /^(?:PeerClosed|TransportFailed)$/

      const leaving = Effect.fnUntraced(function* (
        script: Script,
        expected: { readonly phase: string; readonly awaiting: string; readonly reason?: RegExp }
      ) {
        const service = yield* side(self)
        const { exit, heard } = yield* converse(service, on, { ...script, afterwards })
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : assert.fail("connected")
        assert.deepInclude(error, { _tag: "NegotiationError", phase: expected.phase, side: on })
        const { reason } = error as { readonly reason: { readonly _tag: string; readonly awaiting?: string } } // just seen
        assert.match(reason._tag, expected.reason ?? gone)
        if (reason._tag === "PeerClosed") assert.strictEqual(reason.awaiting, expected.awaiting)
        // Nobody is left to be told anything.
        assert.include(["", heardClear], heard.clear)
        assert.include(["", ourHello], heard.secret)
        // With an entry left in the table, a second `none 0` would be refused as a duplicate.
        assert.match((yield* converse(service, on, good)).outcome, /^connected/)
      })

      it.effect(`leaves ${us} with the end of the ${on === "server" ? "request" : "answer"}`, () =>
        Effect.gen(function* () {
          for (let length = 0; length < clear.length; length++) {
            const awaiting = on === "server" ? "request" : "answer"
            yield* leaving({ clear: clear.slice(0, length) }, { phase: "Plaintext", awaiting })
          }
        })
      )

      it.effect(`leaves ${us} with a failure of TLS where the handshake should begin`, () =>
        leaving({ clear }, { phase: "Plaintext", awaiting: "", reason: /^TransportFailed$/ })
      )

      it.effect(`leaves ${us} without a Hello, which may mean a refused certificate (N12)`, () =>
        Effect.gen(function* () {
          for (let length = 0; length < theirHello.length; length++) {
            const secret = theirHello.slice(0, length)
            yield* leaving({ ...good, secret }, { phase: "Encrypted", awaiting: "Hello" })
          }
        })
      )

      if (self === low) {
        it.effect(`leaves ${us} without a Decision`, () =>
          Effect.gen(function* () {
            for (let length = 0; length < theirDecision.length; length++) {
              const secret = theirHello + theirDecision.slice(0, length)
              yield* leaving({ ...good, secret }, { phase: "Deciding", awaiting: "Decision" })
            }
          })
        )
      }

      it.effect(`after everything was said leaves ${us} with a connection or a failure, and never with an entry`, () =>
        Effect.gen(function* () {
          const service = yield* side(self)
          const { outcome } = yield* converse(service, on, { ...good, afterwards })
          assert.match(outcome, /^(?:connected as|Encrypted TransportFailed|Deciding TransportFailed)/)
          assert.match((yield* converse(service, on, good)).outcome, /^connected/)
        })
      )
    }
  })
}
