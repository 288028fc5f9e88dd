import { AnonymousPeers } from "@effect-foolscap/negotiation/NegotiationService"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as Nobody from "../src/Nobody.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import { describeWith } from "../src/Requirements.ts"

const listening = Effect.fnUntraced(function* (
  anonymousPeers: "refuse" | "accept",
  identity: Effect.Effect<TubIdentity> = Identities.make()
) {
  const tub = yield* Effect.provideService(OurTub.make(yield* identity), AnonymousPeers, anonymousPeers)
  return { tub, port: yield* tub.listen }
})

describeWith(["python3-foolscap"], "A TLS client without a certificate", () => {
  /** It is told this by our side, after our Hello and before the connection ends. */
  const isTold = Effect.fnUntraced(function* (client: Nobody.Nobody, error: unknown) {
    assert.instanceOf(error, NegotiationError)
    assert.deepInclude(error, { phase: "Encrypted", side: "server" })
    assert.isUndefined(error.peer)
    assert.include((yield* client.block).join("\n"), "my-tub-id: ")
    assert.deepStrictEqual(yield* client.block, ["banana-decision-version: 1", `error: ${error.reason.message}`])
    yield* client.closed
    return error.reason._tag
  })

  it.live("is refused, and told why", () =>
    Effect.gen(function* () {
      const { port, tub } = yield* listening("refuse")
      const client = yield* Nobody.dial(port.port, tub.tubId, Nobody.hello)
      assert.strictEqual(yield* isTold(client, yield* port.failed), "AnonymousPeer")
    })
  )

  it.live("is let in where that is wanted, and told no number", () =>
    Effect.gen(function* () {
      const { port, tub } = yield* listening("accept")
      const client = yield* Nobody.dial(port.port, tub.tubId, Nobody.hello)
      const connection = yield* port.linked
      assert.deepInclude(connection, { side: "server", role: "Master", local: tub.tubId })
      assert.isUndefined(connection.peer)
      assert.isUndefined(connection.seqnum)

      yield* client.block
      assert.deepStrictEqual(yield* client.block, ["banana-decision-version: 3", "initial-vocab-table-index: 1 bb33"])
      const [{ write }, reader] = [yield* connection.socket.writer, yield* connection.socket.reader]
      yield* write(Ping.ping)
      assert.isTrue((yield* Ping.read(reader, Ping.ping.length)).equals(Ping.ping))
      yield* connection.close
      yield* client.closed
    })
  )

  it.live("is nobody's duplicate", () =>
    Effect.gen(function* () {
      const { port, tub } = yield* listening("accept")
      yield* Nobody.dial(port.port, tub.tubId, Nobody.hello)
      const first = yield* port.linked
      yield* Nobody.dial(port.port, tub.tubId, Nobody.hello)
      yield* port.linked
      const [{ write }, reader] = [yield* first.socket.writer, yield* first.socket.reader]
      yield* write(Ping.ping)
      assert.isTrue((yield* Ping.read(reader, Ping.ping.length)).equals(Ping.ping))
    })
  )

  it.live("may not claim to be somebody, even where it would be let in", () =>
    Effect.gen(function* () {
      const { port, tub } = yield* listening("accept")
      const claim = `my-tub-id: ${(yield* Identities.make()).tubId}`
      const client = yield* Nobody.dial(port.port, tub.tubId, [...Nobody.hello, claim])
      assert.strictEqual(yield* isTold(client, yield* port.failed), "ClaimWithoutCertificate")
    })
  )
})

describeWith(["python3-foolscap"], "A Foolscap that was made anonymous", () => {
  it.live("takes our Decision without a number, and has a link", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start({ bare: true, says: { "my-tub-id": "" } })
      // It does not know that it is nobody, and must not think that it decides.
      const { port, tub } = yield* listening("accept", Identities.makeFor("Master", peer.tubId))
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
      const connection = yield* port.linked
      assert.isUndefined(connection.peer)
      assert.deepInclude(yield* peer.next("connected"), { peer: tub.tubId, role: "NonMaster", seqnum: 0 })
      yield* Ping.answered(connection)
    })
  )
})
