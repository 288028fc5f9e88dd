/** A whole recording, played once more with our service in the place of one of its Tubs. */
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import * as Conversation from "./Conversation.ts"
import { differencesOf } from "./Differences.ts"
import type { Transcript } from "./Fixtures.ts"
import * as Process from "./Process.ts"

/** Plays `transcript` with our service as the Tub `ours`. */
export const play = Effect.fnUntraced(function* (
  transcript: Transcript,
  ours: string,
  delivery: Conversation.Delivery = {}
) {
  const self = yield* Process.make(transcript, ours)
  const differences = differencesOf(transcript.name, ours)
  const conversations = new Map<number, Effect.Success<ReturnType<typeof Conversation.make>>>()
  const parties = (number: number) =>
    new Set(
      transcript.events.flatMap((event) =>
        Conversation.isSaid(event) && event.connection === number ? [event.from] : []
      )
    )

  for (const event of transcript.events) {
    const where = `${transcript.name}, we are ${ours}, event ${event.n}`
    if (!("connection" in event)) {
      const [, seconds] = /aged by (\d+) s/.exec(event.note) ?? []
      if (seconds !== undefined) yield* TestClock.adjust(`${Number(seconds)} seconds`)
      continue
    }
    if (!parties(event.connection).has(ours)) continue
    const conversation =
      conversations.get(event.connection) ??
      (yield* Conversation.make(transcript, ours, self, event.connection, delivery))
    conversations.set(event.connection, conversation)
    const difference = differences[event.n]
    yield* Conversation.isSaid(event)
      ? conversation.said(event, difference, where)
      : conversation.happened(event, difference, where)
    if (difference?.connectsInstead) break
  }

  const ends = []
  for (const conversation of conversations.values()) {
    yield* conversation.checkNothingElse
    ends.push(conversation.end())
  }
  const alive = ends.flatMap(({ connection, isAlive }) =>
    connection?.peer !== undefined && isAlive ? [connection.peer] : []
  )
  const seqnums = new Map(
    ends.flatMap(({ connection }) =>
      connection?.role === "Master" && connection.peer !== undefined && connection.seqnum !== undefined
        ? [[connection.peer, connection.seqnum]]
        : []
    )
  )
  yield* self.checkTables({ alive, seqnums })
})
