/**
 * The type bytes of Banana's tokens, and sets of them (B1).
 *
 * @since 0.1.0
 */

/**
 * Of an older Banana; never sent, and the end of the link if received.
 *
 * @category constants
 * @since 0.1.0
 */
export const LIST = 0x80
/**
 * An integer that is not negative: the header.
 *
 * @category constants
 * @since 0.1.0
 */
export const INT = 0x81
/**
 * Bytes: the header says how many.
 *
 * @category constants
 * @since 0.1.0
 */
export const STRING = 0x82
/**
 * A negative integer: the header without its sign.
 *
 * @category constants
 * @since 0.1.0
 */
export const NEG = 0x83
/**
 * Eight bytes: a double, big-endian. It has no header.
 *
 * @category constants
 * @since 0.1.0
 */
export const FLOAT = 0x84
/**
 * An integer of so many bytes, big-endian.
 *
 * @category constants
 * @since 0.1.0
 */
export const LONGINT = 0x85
/**
 * The same, negative.
 *
 * @category constants
 * @since 0.1.0
 */
export const LONGNEG = 0x86
/**
 * A word of the table: the header is its number.
 *
 * @category constants
 * @since 0.1.0
 */
export const VOCAB = 0x87
/**
 * A sequence begins; the header is the number of this OPEN.
 *
 * @category constants
 * @since 0.1.0
 */
export const OPEN = 0x88
/**
 * The sequence with this number ends.
 *
 * @category constants
 * @since 0.1.0
 */
export const CLOSE = 0x89
/**
 * The sender gives up the sequence with this number.
 *
 * @category constants
 * @since 0.1.0
 */
export const ABORT = 0x8a
/**
 * The peer ends the link, and says why in so many bytes.
 *
 * @category constants
 * @since 0.1.0
 */
export const ERROR = 0x8d
/**
 * To be answered with a PONG of the same number.
 *
 * @category constants
 * @since 0.1.0
 */
export const PING = 0x8e
/**
 * Answers a PING.
 *
 * @category constants
 * @since 0.1.0
 */
export const PONG = 0x8f

/**
 * The most header digits a token may have.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxDigits = 64

/**
 * The longest text of an ERROR token, in bytes.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxErrorText = 1000

const names = new Map([
  [LIST, "LIST"],
  [INT, "INT"],
  [STRING, "STRING"],
  [NEG, "NEG"],
  [FLOAT, "FLOAT"],
  [LONGINT, "LONGINT"],
  [LONGNEG, "LONGNEG"],
  [VOCAB, "VOCAB"],
  [OPEN, "OPEN"],
  [CLOSE, "CLOSE"],
  [ABORT, "ABORT"],
  [ERROR, "ERROR"],
  [PING, "PING"],
  [PONG, "PONG"]
])

/**
 * What a type byte is called in messages: `STRING`, or `0x90` for none of them.
 *
 * @category formatting
 * @since 0.1.0
 */
export const nameOf = (type: number): string => names.get(type) ?? `0x${type.toString(16)}`

/**
 * Some of the token types, one bit for each.
 *
 * @category models
 * @since 0.1.0
 */
export type TokenSet = number

/**
 * The set of these types.
 *
 * @category constructors
 * @since 0.1.0
 */
export const setOf = (...types: ReadonlyArray<number>): TokenSet => {
  let set = 0
  for (const type of types) set |= bit(type)
  return set
}

/**
 * The one bit of a type from LIST to PONG.
 *
 * @category constructors
 * @since 0.1.0
 */
export const bit = (type: number): TokenSet => 1 << (type & 0x0f)
