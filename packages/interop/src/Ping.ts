/**
 * Ping: the one thing that can be said in Banana without speaking it. A Foolscap that has accepted a Decision answers
 * every PING token with a PONG of the same number.
 */
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Socket from "effect/socket/Socket"
import type * as Scope from "effect/Scope"

/** PING number 5, as Foolscap writes it. */
export const ping = Uint8Array.of(0x05, 0x8e)

/** PONG number 5. */
export const pong = Uint8Array.of(0x05, 0x8f)

/** Exactly the next `length` bytes; fails if more have come with them. */
export const read = Effect.fnUntraced(function* (reader: Socket.Reader, length: number) {
  const chunks: Array<Uint8Array> = []
  let missing = length
  while (missing > 0) {
    for (const chunk of yield* reader.pull) {
      assert.instanceOf(chunk, Uint8Array)
      chunks.push(chunk)
      missing -= chunk.length
    }
  }
  assert.strictEqual(missing, 0, "no more bytes than expected")
  return Buffer.concat(chunks)
})

/** Shows that a Foolscap at the other end of the link has accepted it: `count` PINGs in one write are all answered. */
export const answered = Effect.fnUntraced(function* (
  connection: NegotiatedConnection,
  count = 1
): Effect.fn.Return<Socket.Reader, Socket.SocketError, Scope.Scope> {
  const repeated = (token: Uint8Array) => Buffer.concat(Array.from({ length: count }, () => token))
  const writer = yield* connection.socket.writer
  const reader = yield* connection.socket.reader
  yield* writer.write(repeated(ping))
  const answer = yield* read(reader, count * pong.length)
  assert.isTrue(answer.equals(repeated(pong)))
  return reader
})
