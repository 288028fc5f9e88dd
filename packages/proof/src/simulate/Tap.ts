/**
 * Looks at the bytes on the simulated network: once a connection has said its last plaintext block and gone over to TLS,
 * every byte belongs to a record, and what belongs into TLS is never said before.
 */
import type { Passage } from "@effect-foolscap/negotiation/testing/simulated/Route"

const decoder = new TextDecoder("latin1")
const handshake = 22
const types: ReadonlySet<number> = new Set([21, handshake, 23])

/** One direction of one connection. */
interface Stream {
  /** What was said in clear; `undefined` from the first record on. */
  clear: string | undefined
  /** How many bytes of the present record are still to come. */
  payload: number
  header: Array<number>
}

/** All connections of a run. */
export class Tap {
  private readonly streams = new Map<string, Stream>()
  private readonly problem: (text: string) => void

  constructor(problem: (text: string) => void) {
    this.problem = problem
  }

  readonly observe = ({ connection, fate, from, segment, to }: Passage): void => {
    // What was held is sent later, and what arrives was sent.
    if (typeof segment === "string" || fate === "held" || fate === "arrived") return
    const key = `${connection} ${from}`
    let stream = this.streams.get(key)
    if (stream === undefined) {
      stream = { clear: "", payload: 0, header: [] }
      this.streams.set(key, stream)
    }
    const complaint = read(stream, segment)
    if (complaint !== undefined) this.problem(`${complaint} on connection ${connection} from ${from} to ${to}`)
  }
}

const read = (stream: Stream, bytes: Uint8Array): string | undefined => {
  let at = 0
  if (stream.clear !== undefined) {
    if (!(stream.clear.endsWith("\r\n\r\n") || stream.clear === "") || bytes[0] !== handshake) {
      stream.clear += decoder.decode(bytes)
      return /my-tub-id|banana-/.test(stream.clear) ? "a block that belongs into TLS was sent in clear" : undefined
    }
    if (stream.clear === "") return "a record was sent before anything in clear"
    stream.clear = undefined
  }
  while (at < bytes.length) {
    if (stream.payload > 0) {
      const taken = Math.min(stream.payload, bytes.length - at)
      stream.payload -= taken
      at += taken
      continue
    }
    stream.header.push(bytes[at++] ?? 0)
    const [type = 0, , , high = 0, low = 0] = stream.header
    if (!types.has(type)) return `byte ${type} was sent where a TLS record begins`
    if (stream.header.length < 5) continue
    stream.payload = high * 256 + low
    stream.header = []
  }
  return undefined
}
