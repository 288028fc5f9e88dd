/** Serving: a codec that is asked to prepare values, and then to encode and decode them against the clock. */
import { createHash } from "node:crypto"
import { answer } from "../../Answering.ts"
import { timed } from "../../Stopwatch.ts"
import { fingerprint } from "../Fingerprint.ts"
import { kinds, type Name, nameList, type Plain } from "../Values.ts"

/** A format and its implementation. */
export interface Codec<Value> {
  /** With its versions. */
  readonly name: string
  /** Takes the bytes in chunks of 64 KiB; the others need all of them at once. */
  readonly streams: boolean
  /** Whether it is asked for values of this kind. */
  readonly carries: (name: Name) => boolean
  /** The value in the codec's own classes, made before the clock runs. */
  readonly from: (plain: Plain) => Value
  readonly encode: (value: Value) => ReadonlyArray<Uint8Array>
  readonly decode: (chunks: ReadonlyArray<Uint8Array>) => Value
  readonly to: (value: Value) => Plain
}

/** What `prepare` answers. Contenders that agree answer the same `made` and `decoded`, of one format also the same `sha256`. */
export interface Prepared {
  readonly bytes: number
  readonly sha256: string
  readonly made: string
  readonly decoded: string
}

/** What a socket delivers at most in one piece. */
export const chunkSize = 65_536

export const cut = (bytes: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))

/**
 * So many items of every kind are encoded and decoded first, so many times, so that the engine has seen all kinds and compiled for
 * them, as in a program that has run for a while.
 */
const mixed = 1000
const turns = 200

export const serve = async <Value>(codec: Codec<Value>): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) {
    for (const name of nameList)
      if (codec.carries(name)) codec.decode(codec.encode(codec.from(kinds[name].make(mixed))))
  }
  let value: Value
  let chunks: ReadonlyArray<Uint8Array> = []
  await answer(codec.name, {
    prepare: (request: { readonly values: Name; readonly count: number }): Prepared => {
      const plain = kinds[request.values].make(request.count)
      value = codec.from(plain)
      // A copy, which nothing else holds a part of.
      const bytes = Uint8Array.from(Buffer.concat(codec.encode(value)))
      chunks = cut(bytes, codec.streams ? chunkSize : bytes.length)
      return {
        bytes: bytes.length,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        made: fingerprint(plain),
        decoded: fingerprint(codec.to(codec.decode(chunks)))
      }
    },
    encode: () => ({ ms: timed(() => codec.encode(value)) }),
    decode: () => ({ ms: timed(() => codec.decode(chunks)) })
  })
}
