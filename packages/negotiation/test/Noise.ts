/** Bytes that no well-behaved peer sends, and texts that come closer to a block than arbitrary ones do. */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"

const encoder = new TextEncoder()

/** Text as the bytes of its UTF-8. */
export const bytesOf = (text: string): Uint8Array => encoder.encode(text)

/** Bytes as text, one character for each, so that nothing is lost. */
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")

/** Any bytes at all. */
export const bytes = Arbitrary.map(
  Arbitrary.schema(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))),
  (numbers) => Uint8Array.from(numbers)
)

const joined = (...parts: ReadonlyArray<string>) =>
  Arbitrary.map(Arbitrary.schema(Schema.Array(Schema.Literals(parts))), (chosen) => bytesOf(chosen.join("")))

/** Pieces of blocks in any order. */
export const nearBlocks = joined(
  "\r\n",
  "\r\n\r\n",
  "\r",
  "\n",
  ":",
  ": ",
  " ",
  "\t",
  "error: ",
  "banana-decision-version: ",
  "banana-negotiation-range: ",
  "banana-negotiation-version: 1",
  "initial-vocab-table-range: ",
  "initial-vocab-table-index: ",
  "my-tub-id: ",
  "last-connection: ",
  "__proto__: ",
  "negotiation-forced: True",
  "1 3",
  "3 3\r\n",
  "-1 x",
  "1 bb33\r\n",
  "é"
)

/** Pieces of HTTP in any order. */
export const nearHttp = joined(
  "GET ",
  "/id/",
  "bkwv3voln2kkwhxhkj5bhsjw7n7qvlet",
  " HTTP/1.1",
  "HTTP/1.1 ",
  "HTTP/1.1 101 Switching Protocols\r\n",
  "HTTP/1.1 303 See Other\r\n",
  "HTTP/1.1 500 Internal Server Error: no",
  "SSH-2.0-OpenSSH_9.2",
  "101",
  "303",
  "404 Not Found",
  " ",
  "\t",
  "\r\n",
  "\r\n\r\n",
  "\n",
  "\r",
  "Upgrade: TLS/1.0\r\n",
  "upgrade: x, tls/1.0\r\n",
  "Location: tcp:192.0.2.7:4711\r\n",
  "\u0000",
  "\u0016",
  "é",
  "\u00a0"
)
