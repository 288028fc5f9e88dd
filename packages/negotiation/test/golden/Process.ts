/** One of the processes of a recording, with our service in it: its Tub, its offer and what it remembers. */
import { assert } from "@effect/vitest"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConnectionTable, HandleOldPeers } from "../../src/ConnectionTable.ts"
import { Link } from "../../src/Link.ts"
import { LocalTubs } from "../../src/LocalTubs.ts"
import { NextProtocol } from "../../src/NextProtocol.ts"
import * as MemoryTransport from "../../src/testing/MemoryTransport.ts"
import { VersionRange } from "../../src/wire/VersionRange.ts"
import { side, tub } from "../Sides.ts"
import { tablesInstead } from "./Differences.ts"
import type { Said, Transcript } from "./Fixtures.ts"

/** Redirected in `32-server-redirect-configured`, unknown everywhere else. */
const redirected = {
  tubId: TubId.make("jinw3en2s7a66cih7qmxx5dxibwz5fhl"),
  hint: LocationHint.tcp("192.0.2.7", 4711)
}

const valueOf = (hello: string, key: string): string | undefined => new RegExp(`^${key}: (.*)\r$`, "m").exec(hello)?.[1]

const rangeIn = (hello: string, key: string): VersionRange => {
  const [min, max] = (valueOf(hello, key) ?? "").split(" ").map(Number)
  assert.isTrue(min !== undefined && max !== undefined, `${key} in ${hello}`)
  return new VersionRange({ min: min ?? 0, max: max ?? 0 })
}

/** Banana with the ranges that the recorded Hello offers. Whoever offers a version understands it. */
const nextProtocolOf = (hello: string | undefined) => {
  if (hello === undefined) return NextProtocol.layerBanana
  const versions = rangeIn(hello, "banana-negotiation-range")
  const vocabularies = rangeIn(hello, "initial-vocab-table-range")
  const understood = new VersionRange({ min: 1, max: Math.max(3, versions.max) })
  return Layer.effect(
    NextProtocol,
    Effect.map(NextProtocol, (banana) => ({ ...banana, versions, understood, vocabularies }))
  ).pipe(Layer.provide(NextProtocol.layerBanana))
}

/** What a client said it remembers when its recording began, which it can only have from a connection before. */
const rememberFrom = Effect.fnUntraced(function* (
  table: ConnectionTable["Service"],
  pair: { readonly local: TubId; readonly remote: TubId },
  lastConnection: string
) {
  const { client, server } = yield* MemoryTransport.makePair()
  const options = { credentials: MemoryTransport.anonymous, early: new Uint8Array(0) }
  const [transport] = yield* Effect.all(
    [client.startTls({ side: "client", ...options }), server.startTls({ side: "server", ...options })],
    { concurrency: "unbounded" }
  )
  const link = yield* Link.make(transport)
  yield* table.obey(pair, { link, currentConnection: lastConnection })
  yield* link.close
}, Effect.scoped)

/** The process of the Tub `ours` as it was when the recording began. */
export const make = Effect.fnUntraced(function* (transcript: Transcript, ours: string) {
  const recorded = transcript.tubs[ours]
  assert.isDefined(recorded)
  const self = {
    ...tub(recorded.claims ?? recorded.tubId, recorded.incarnation),
    credentials: MemoryTransport.credentials(recorded.tubId)
  }
  const hellos = transcript.events.filter(
    (event): event is Said =>
      "from" in event && event.from === ours && event.phase === "ENCRYPTED" && event.layer === "tls"
  )
  const others = Object.values(transcript.tubs).flatMap(({ tubId }) => (tubId === recorded.tubId ? [] : [tubId]))

  const handleOldPeers = /^2[01]-/.test(transcript.name) ? Duration.seconds(60) : "refuse"
  const context = yield* Layer.build(
    ConnectionTable.layerMemory.pipe(Layer.provide(Layer.succeed(HandleOldPeers)(handleOldPeers)))
  )
  const table = Context.get(context, ConnectionTable)
  const remembered = valueOf(hellos[0]?.bytes ?? "", "last-connection") ?? "none 0"
  for (const remote of others) {
    if (remembered !== "none 0") yield* rememberFrom(table, { local: self.tubId, remote }, remembered)
  }

  const { accept, dial } = yield* side(self, {
    connections: Layer.succeed(ConnectionTable)(table),
    next: nextProtocolOf(hellos[0]?.bytes),
    tubs: LocalTubs.layer({
      here: [self],
      ...(transcript.name.startsWith("32-") ? { elsewhere: new Map([[redirected.tubId, [redirected.hint]]]) } : {})
    })
  })
  const expected = transcript.tables[ours]
  assert.isDefined(expected)

  return {
    accept,
    dial,
    /** Compares what is remembered with Foolscap's tables at the end of the recording. */
    checkTables: Effect.fnUntraced(function* (end: {
      readonly alive: ReadonlyArray<TubId>
      readonly seqnums: ReadonlyMap<TubId, number>
    }) {
      for (const remote of others) {
        const lastConnection = yield* table.lastConnection({ local: self.tubId, remote })
        assert.strictEqual(lastConnection, expected.slave[remote] ?? "none 0", `${ours} remembers of ${remote}`)
      }
      const instead = tablesInstead[`${transcript.name} ${ours}`] ?? {}
      const { brokers, master } = { ...expected, ...instead }
      assert.deepStrictEqual(Object.fromEntries(end.seqnums), master, `numbers that ${ours} gave out`)
      assert.deepStrictEqual(end.alive, brokers, `connections of ${ours}`)
    })
  }
})

export type Process = Effect.Success<ReturnType<typeof make>>
