/** Tokens, written without the encoder under test. */
import * as TokenType from "../src/wire/TokenType.ts"

const utf8 = new TextEncoder()

export const join = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"))

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** A number in base 128, least significant digit first. Zero is one digit, as it is sent. */
const header = (number: number | bigint): ReadonlyArray<number> => {
  const digits = [Number(BigInt(number) & 0x7fn)]
  for (let rest = BigInt(number) >> 7n; rest > 0n; rest >>= 7n) digits.push(Number(rest & 0x7fn))
  return digits
}

/** A header and a type byte. */
export const token = (number: number | bigint, type: number): Uint8Array => Uint8Array.from([...header(number), type])

const withBody = (type: number, body: Uint8Array): Uint8Array => join(token(body.length, type), body)

export const int = (number: number | bigint): Uint8Array => token(number, TokenType.INT)
export const neg = (number: number | bigint): Uint8Array => token(number, TokenType.NEG)
export const string = (body: string | Uint8Array): Uint8Array =>
  withBody(TokenType.STRING, typeof body === "string" ? utf8.encode(body) : body)
export const longint = (body: Uint8Array): Uint8Array => withBody(TokenType.LONGINT, body)
export const longneg = (body: Uint8Array): Uint8Array => withBody(TokenType.LONGNEG, body)
export const vocab = (index: number | bigint): Uint8Array => token(index, TokenType.VOCAB)
export const error = (text: string): Uint8Array => withBody(TokenType.ERROR, utf8.encode(text))
export const ping = (number: number | bigint): Uint8Array => token(number, TokenType.PING)
export const pong = (number: number | bigint): Uint8Array => token(number, TokenType.PONG)
export const abort = (number: number): Uint8Array => token(number, TokenType.ABORT)
/** With its index word. */
export const open = (number: number, kind: string): Uint8Array => join(token(number, TokenType.OPEN), string(kind))
export const close = (number: number): Uint8Array => token(number, TokenType.CLOSE)

export const float = (double: number): Uint8Array => {
  const bytes = Buffer.alloc(9)
  bytes[0] = TokenType.FLOAT
  bytes.writeDoubleBE(double, 1)
  return new Uint8Array(bytes)
}

/** A whole sequence. Its number is 0: it only has to be the same at both ends, and `reference` uses another one. */
export const sequence = (kind: string, ...body: ReadonlyArray<Uint8Array>): Uint8Array =>
  join(open(0, kind), ...body, close(0))

export const list = (...items: ReadonlyArray<Uint8Array>): Uint8Array => sequence("list", ...items)
export const tuple = (...items: ReadonlyArray<Uint8Array>): Uint8Array => sequence("tuple", ...items)
export const set = (...members: ReadonlyArray<Uint8Array>): Uint8Array => sequence("set", ...members)
export const frozenset = (...members: ReadonlyArray<Uint8Array>): Uint8Array => sequence("immutable-set", ...members)
/** Key, value, key, value. */
export const dict = (...items: ReadonlyArray<Uint8Array>): Uint8Array => sequence("dict", ...items)
export const text = (body: string | Uint8Array): Uint8Array => sequence("unicode", string(body))
export const boolean = (value: boolean): Uint8Array => sequence("boolean", int(value ? 1 : 0))
export const none = sequence("none")
export const decimal = (digits: string): Uint8Array => sequence("decimal", string(digits))
/** To the sequence that was the n-th to open, from 0, of all that came. */
export const reference = (count: number | bigint): Uint8Array => sequence("reference", int(count))

/** So many of the same. */
export const repeat = (count: number, bytes: Uint8Array): Uint8Array => {
  const all = new Uint8Array(count * bytes.length)
  for (let at = 0; at < all.length; at += bytes.length) all.set(bytes, at)
  return all
}

/** So many lists, each in the one before. */
export const nested = (depth: number): Uint8Array => join(repeat(depth, open(0, "list")), repeat(depth, close(0)))
