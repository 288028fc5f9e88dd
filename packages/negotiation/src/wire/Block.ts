/**
 * A block: `key: value` lines that end with CRLF, up to an empty line.
 *
 * Everything the two sides say before Banana is a block: the HTTP request and its answer, the Hellos, the Decision. This
 * module cuts them out of a byte stream and reads their lines. What the keys mean is said in `Hello`, `Decision` and
 * `Upgrade`.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { MalformedBlock } from "../NegotiationError.ts"

/**
 * The most bytes a block may have, its empty line included (N6).
 *
 * @category constants
 * @since 0.1.0
 */
export const limit = 4096

/**
 * The lines of a block: lower-case keys and their values, in the order they came.
 *
 * @category models
 * @since 0.1.0
 */
export type Block = ReadonlyMap<string, string>

/**
 * What a buffer holds: a whole block and what follows it, the beginning of one, or something too long to be one.
 *
 * @category models
 * @since 0.1.0
 */
export type Split =
  | {
      readonly _tag: "Complete"
      /** The block without its empty line. */
      readonly header: Uint8Array
      readonly rest: Uint8Array
    }
  | { readonly _tag: "Incomplete" }
  | { readonly _tag: "TooLong" }

const CR = 13
const LF = 10

/**
 * Cuts the first block off a buffer.
 *
 * Only the block itself counts towards the limit, never what follows it, so the outcome does not depend on how the
 * bytes were cut on their way (N6). A bare LF ends nothing. Of a buffer that was looked at before, the
 * first `seen` bytes are known to hold no end.
 *
 * @category framing
 * @since 0.1.0
 */
export const split = (buffer: Uint8Array, seen = 0): Split => {
  for (
    let at = buffer.indexOf(CR, Math.max(0, seen - 3));
    at !== -1 && at + 4 <= limit;
    at = buffer.indexOf(CR, at + 1)
  ) {
    if (buffer[at + 1] === LF && buffer[at + 2] === CR && buffer[at + 3] === LF) {
      return { _tag: "Complete", header: buffer.subarray(0, at), rest: buffer.subarray(at + 4) }
    }
  }
  return { _tag: buffer.length > limit ? "TooLong" : "Incomplete" }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * The text of a header, `undefined` if it is not UTF-8.
 *
 * @category decoding
 * @since 0.1.0
 */
export const text = (header: Uint8Array): string | undefined => {
  try {
    return decoder.decode(header)
  } catch {
    return undefined
  }
}

/**
 * Reads the lines of a block. Keys are lower-cased, values lose the white space before them and keep what is after,
 * and of a repeated key the last one counts (N5).
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (header: Uint8Array): Result.Result<Block, MalformedBlock> => {
  const lines = text(header)
  if (lines === undefined) return Result.fail(new MalformedBlock({ problem: "it is not UTF-8" }))
  const block = new Map<string, string>()
  for (const line of lines.split("\r\n")) {
    const colon = line.indexOf(":")
    if (colon === -1) return Result.fail(new MalformedBlock({ problem: "it has a line without a colon" }))
    const written = line.slice(0, colon)
    const key = /[A-Z]/.test(written) ? written.replace(/[A-Z]+/g, (upper) => upper.toLowerCase()) : written
    block.set(key, line.slice(colon + 1).replace(/^[ \t\n\r\v\f]+/, ""))
  }
  return Result.succeed(block)
}

/**
 * The lines as a record for a Schema to decode. Every key becomes a property of its own,
 * `__proto__` too.
 *
 * @category decoding
 * @since 0.1.0
 */
export const toRecord = (block: Block): Readonly<Record<string, string>> => Object.fromEntries(block)

/**
 * A Schema's complaint about the values of a block, as a reason.
 *
 * @category decoding
 * @since 0.1.0
 */
export const malformed = (error: Schema.SchemaError): MalformedBlock => new MalformedBlock({ problem: error.message })

/**
 * The lines of a value whose fields have these keys. What is absent has none.
 *
 * @category encoding
 * @since 0.1.0
 */
export const lines = <Field extends string>(
  value: { readonly [field in Field]?: string | number | { readonly toString: () => string } | undefined },
  keys: { readonly [field in Field]: string }
): ReadonlyArray<readonly [key: string, value: string]> => {
  const lines: Array<readonly [string, string]> = []
  for (const field in keys) {
    const part = value[field]
    if (part !== undefined) lines.push([keys[field], String(part)])
  }
  return lines
}

const encoder = new TextEncoder()

/**
 * Writes a block as Foolscap does: keys in the order of their characters, one `key: value` line each, an empty line
 * (N5). Keys and values must be free of CR and LF.
 *
 * @category encoding
 * @since 0.1.0
 */
export const format = (block: Iterable<readonly [key: string, value: string]>): Uint8Array =>
  encoder.encode(
    [...block]
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, value]) => `${key}: ${value}\r\n`)
      .join("") + "\r\n"
  )
