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

/** The next bytes, `length` of them or more. */
export const read = Effect.fnUntraced(function* (reader: Socket.Reader, length: number) {
  const chunks: Array<Uint8Array> = []
  for (let missing = length; missing > 0;) {
    for (const chunk of yield* reader.pull) {
      assert.instanceOf(chunk, Uint8Array)
      chunks.push(chunk)
      missing -= chunk.length
    }
  }
  return Buffer.concat(chunks)
})

/** `count` PINGs. */
export const pings = (count: number): Uint8Array => repeated(ping, count)

const repeated = (token: Uint8Array, count: number) => Buffer.concat(Array.from({ length: count }, () => token))

/** Reads the answers to `count` PINGs, and nothing else. */
export const pongs = Effect.fnUntraced(function* (reader: Socket.Reader, count: number) {
  const answer = yield* read(reader, count * pong.length)
  assert.isTrue(answer.equals(repeated(pong, count)))
})

/** Shows that a Foolscap at the other end of the link has accepted it. */
export const answered = Effect.fnUntraced(function* (
  connection: NegotiatedConnection
): Effect.fn.Return<Socket.Reader, Socket.SocketError, Scope.Scope> {
  const { write } = yield* connection.socket.writer
  const reader = yield* connection.socket.reader
  yield* write(ping)
  yield* pongs(reader, 1)
  return reader
})

/** The same, where Foolscap also asks for an object by this name, perhaps before it answers. Nobody answers that. */
export const answeredBesides = Effect.fnUntraced(function* (
  connection: NegotiatedConnection,
  name: string
): Effect.fn.Return<void, Socket.SocketError, Scope.Scope> {
  const { write } = yield* connection.socket.writer
  const reader = yield* connection.socket.reader
  yield* write(ping)
  // The name is ASCII and PONG is not, so neither can be part of the other.
  const expected = [name, Buffer.from(pong).toString("latin1")]
  let said = ""
  while (!expected.every((text) => said.includes(text))) said += (yield* read(reader, 1)).toString("latin1")
})
