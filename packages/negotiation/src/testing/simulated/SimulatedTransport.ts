/**
 * The `Transport` port over one end of a simulated connection.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { PlainTransport, SecureTransport, Transport } from "../../Transport.ts"
import { TransportError } from "../../TransportError.ts"
import * as ByteStream from "./ByteStream.ts"
import type { End } from "./End.ts"
import { Tls } from "./Tls.ts"

/** One end, and the stream that speaks for it: its own, then the one of TLS above it. */
interface Connection {
  readonly end: End
  stream: ByteStream.ByteStream
  isClosing: boolean
}

const fail = (kind: TransportError["kind"]) => Exit.fail(new TransportError({ kind }))

const endOf = ({ isClosing }: Connection, stream: ByteStream.ByteStream): TransportError["kind"] | undefined =>
  isClosing ? "closed" : stream.ended()

/** A socket answers the peer's end by itself, once everything before it was read. */
const answerEnd = (connection: Connection): void => {
  if (connection.stream.ended() === "eof") connection.stream.finish()
}

const transportOf = (connection: Connection, stream: ByteStream.ByteStream): Transport => {
  const { changes, peer } = connection.end
  const { end } = connection
  // Before TLS has taken over, these two are one.
  const isCurrent = () => connection.stream === stream
  const canRead = () => isCurrent() && !connection.isClosing && stream.hasBytes()
  const ended = () => (isCurrent() ? endOf(connection, stream) : "closed")
  const left = changes.until(() => (end.hasLeft ? Exit.void : undefined))

  const readable = changes.until(() => (ended() === undefined && !canRead() ? undefined : Exit.void))
  const pull: Transport["pull"] = Effect.flatMap(readable, () => {
    const bytes = canRead() ? stream.read() : undefined
    const kind = ended()
    if (kind !== undefined) {
      answerEnd(connection)
      changes.notify()
    }
    if (bytes !== undefined) return Effect.succeed(bytes)
    return kind === undefined ? pull : fail(kind)
  })

  return {
    remoteAddress: peer.address,
    pull,
    ended: changes.until(() => {
      const kind = ended()
      return kind === undefined ? undefined : Exit.succeed(new TransportError({ kind }))
    }),
    write: (bytes) =>
      Effect.suspend(() => {
        if (!isCurrent() || connection.isClosing || !end.isOpen) {
          const kind = ended()
          return fail(kind === "reset" || kind === "tls" ? kind : "closed")
        }
        stream.write(bytes)
        return left
      }),
    flush: changes.until(() =>
      end.isDropped || end.end === "reset" ? fail("closed") : end.hasLeft ? Exit.void : undefined
    ),
    finish: Effect.suspend(() => {
      connection.stream.finish()
      return left
    }),
    close: Effect.suspend(() => {
      connection.isClosing = true
      connection.stream.finish()
      connection.stream.discard()
      changes.notify()
      return changes.until(() => (end.isOver ? Exit.void : undefined))
    }),
    destroy: Effect.sync(() => end.drop())
  }
}

/**
 * A transport over one end of a connection that is established.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (end: End): PlainTransport => {
  const connection: Connection = { end, stream: ByteStream.plain(end), isClosing: false }
  end.above = () => answerEnd(connection)
  return {
    ...transportOf(connection, connection.stream),
    startTls: ({ credentials, early, side }) =>
      startTls(connection, { side, certificate: credentials.certificate, early })
  }
}

const startTls = (
  connection: Connection,
  options: ConstructorParameters<typeof Tls>[1]
): Effect.Effect<SecureTransport, TransportError> =>
  Effect.suspend(() => {
    const { end } = connection
    const tls = new Tls(end, options)
    connection.stream = tls
    end.above = () => {
      tls.unwrap()
      answerEnd(connection)
    }
    end.changes.notify()
    const established = end.changes.until((): Exit.Exit<void, TransportError> | undefined => {
      if (tls.isEstablished) return Exit.void
      const kind = connection.isClosing ? "closed" : tls.ended()
      // Whatever ends it, a handshake that did not end well has failed; unless we have ended it ourselves.
      return kind === undefined ? undefined : fail(kind === "closed" ? "closed" : "tls")
    })
    return established.pipe(
      Effect.onExit((exit) => Effect.sync(() => (Exit.isFailure(exit) ? end.drop() : undefined))),
      Effect.map(() => ({ ...transportOf(connection, tls), proven: tls.proven }))
    )
  })
