/**
 * What a simulated transport is made of, before and under TLS.
 *
 * @since 0.1.0
 */
import type { TransportError } from "../../TransportError.ts"
import type { End } from "./End.ts"

/**
 * Bytes in both directions over one end of a connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface ByteStream {
  /** Whether there are bytes to read. */
  readonly hasBytes: () => boolean
  /** The next bytes, if there are any. */
  readonly read: () => Uint8Array | undefined
  /** What ended the stream, once everything before that was read. */
  readonly ended: () => TransportError["kind"] | undefined
  readonly write: (bytes: Uint8Array) => void
  readonly finish: () => void
  /** Throws away what was not read, now and from now on. */
  readonly discard: () => void
}

/**
 * The bytes as TCP has them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const plain = (end: End): ByteStream => ({
  hasBytes: () => end.hasBytes,
  read: () => {
    const bytes = end.take()
    if (bytes !== undefined) end.consumed(bytes.length)
    return bytes
  },
  ended: () => (end.hasBytes ? undefined : end.end),
  write: (bytes) => end.send(bytes),
  finish: () => end.finishSending(),
  discard: () => end.discard()
})
