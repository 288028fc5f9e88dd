/** One direction of a link: values to bytes, and bytes to what is told of them. */
import { assert } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { BananaDecoder } from "../src/BananaDecoder.ts"
import { BananaEncoder } from "../src/BananaEncoder.ts"
import type * as Limits from "../src/Limits.ts"
import type { Received } from "../src/Received.ts"
import type { Value } from "../src/value/Value.ts"
import { Vocabulary } from "../src/wire/Vocabulary.ts"
import { told } from "./Told.ts"
import { join } from "./Tokens.ts"

/** One of the tables that can be negotiated. */
export type Table = 0 | 1

export interface Options {
  /** 1 where nothing stands. */
  readonly table?: Table
  readonly limits?: Partial<Limits.Limits>
  /** Cuts the bytes; in one piece where nothing stands. */
  readonly cut?: (bytes: Uint8Array) => Iterable<Uint8Array>
}

/** Limits that no recorded stream exceeds. */
export const roomy: Partial<Limits.Limits> = { body: 100_000 }

export const decoder = ({ limits, table = 1 }: Options = {}): BananaDecoder =>
  new BananaDecoder({ vocabulary: Vocabulary.initial(table), ...(limits === undefined ? {} : { limits }) })

const whole = (bytes: Uint8Array): Iterable<Uint8Array> => [bytes]

/** What a fresh decoder makes of these bytes. */
export const receive = (bytes: Uint8Array, options: Options = {}): ReadonlyArray<Received> => {
  const decoding = decoder(options)
  const received: Array<Received> = []
  for (const piece of (options.cut ?? whole)(bytes)) received.push(...decoding.push(piece))
  return received
}

/** What a fresh decoder makes of these bytes, in lines. */
export const heard = (bytes: Uint8Array, options: Options = {}): ReadonlyArray<string> =>
  receive(bytes, options).map(told)

/** The only value in these bytes. */
export const valueIn = (bytes: Uint8Array, options: Options = {}): Value => {
  const [first, ...others] = receive(bytes, options)
  assert.deepStrictEqual(others.map(told), [])
  if (first?._tag !== "Delivered") return assert.fail(`no value, but ${first === undefined ? "nothing" : told(first)}`)
  return first.value
}

/** The bytes that a fresh encoder makes of these values. */
export const encode = (values: ReadonlyArray<Value>, table: Table = 1): Uint8Array => {
  const encoder = new BananaEncoder({ vocabulary: Vocabulary.initial(table) })
  for (const value of values) assert.isTrue(Result.isSuccess(encoder.encode(value)), "can be sent")
  const { size } = encoder
  const bytes = join(...encoder.take())
  assert.strictEqual(bytes.length, size, "size says how many bytes wait")
  return bytes
}

/** Lengths of the pieces, used in turn and over again. */
export const Lengths = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))).check(
  Schema.isBetweenLength(1, 8)
)

export const cutBy = (lengths: ReadonlyArray<number>) =>
  function* (bytes: Uint8Array): Iterable<Uint8Array> {
    let turn = 0
    for (let at = 0; at < bytes.length;) {
      const length = lengths[turn++ % lengths.length] ?? 1
      // A decoder keeps no part of a chunk: whoever pushed it may write over it.
      const piece = bytes.slice(at, at + length)
      yield piece
      piece.fill(0xaa)
      at += length
    }
  }

/** Every byte alone. */
export const byteByByte = cutBy([1])
