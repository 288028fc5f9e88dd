import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Token, TokenReader } from "../../src/wire/TokenReader.ts"
import * as TokenType from "../../src/wire/TokenType.ts"
import { recorded } from "../golden/Recorded.ts"
import { byteByByte, cutBy, Lengths } from "../Stream.ts"
import {
  abort,
  close,
  error,
  float,
  int,
  join,
  longint,
  longneg,
  neg,
  open,
  ping,
  pong,
  string,
  token,
  vocab
} from "../Tokens.ts"

const one = ({ type, value }: Token): string =>
  `${TokenType.nameOf(type)} ${typeof value === "object" ? Buffer.from(value).toString("latin1") : value}`

/** The tokens as lines; behind the last one, why there are no more. */
const lines = (pieces: Iterable<Uint8Array>): ReadonlyArray<string> => {
  const reader = new TokenReader()
  const found: Array<string> = []
  const push = (piece: Uint8Array): boolean =>
    Result.match(reader.push(piece), {
      onSuccess: (tokens) => found.push(...tokens.map(one)) >= 0,
      onFailure: ({ reason }) => found.push(reason) < 0
    })
  for (const piece of pieces) if (!push(piece)) return found
  push(new Uint8Array())
  return found
}

const AnyRecorded = Schema.Literals([...recorded.keys()])

describe("TokenReader", () => {
  it("finds every kind of token, wherever it stands", () => {
    const bytes = join(
      close(3),
      int(5),
      neg(6),
      neg(0),
      longint(Uint8Array.of(1, 0)),
      longneg(Uint8Array.of(1, 0)),
      float(-2.5),
      string("a"),
      vocab(99),
      open(7, "bogus"),
      abort(7),
      ping(1),
      pong(2n ** 64n),
      error("no"),
      int(2n ** 64n)
    )
    assert.deepStrictEqual(lines([bytes]), [
      "CLOSE 3",
      "INT 5",
      "NEG -6",
      "NEG 0",
      "LONGINT 256",
      "LONGNEG -256",
      "FLOAT -2.5",
      "STRING a",
      "VOCAB 99",
      "OPEN 7",
      "STRING bogus",
      "ABORT 7",
      "PING 1",
      `PONG ${2n ** 64n}`,
      "ERROR no",
      `INT ${2n ** 64n}`
    ])
  })

  it.prop("finds the same however a stream is cut", [AnyRecorded, Lengths], ([any, lengths]) => {
    for (const { bytes, name } of recorded.slice(any, any + 1)) {
      assert.deepStrictEqual(lines(cutBy(lengths)(bytes)), lines([bytes]), name)
    }
  })

  it("waits for the rest of a token", () => {
    for (const bytes of [
      Uint8Array.of(5),
      token(2, 0x82),
      join(token(2, 0x85), Uint8Array.of(1)),
      Uint8Array.of(0x84, 0)
    ]) {
      assert.deepStrictEqual(lines([bytes]), [])
    }
  })

  const broken = {
    "65 digits": [new Uint8Array(65), "token prefix is limited to 64 bytes"],
    "a type byte that none has": [token(1, 0x90), "Invalid Type Byte 0x90"],
    "the old LIST": [token(1, 0x80), "oldbanana peer detected, compatibility code not yet written"],
    "an ERROR of 1001 bytes": [token(1001, 0x8d), "oversized ERROR token"]
  } as const
  for (const [name, [bytes, reason]] of Object.entries(broken)) {
    it(`ends on ${name}, behind the tokens before it, however they are cut`, () => {
      const all = join(int(5), bytes, int(6))
      assert.deepStrictEqual(lines([all]), ["INT 5", reason])
      assert.deepStrictEqual(lines(byteByByte(all)), ["INT 5", reason])
    })

    it(`ends on ${name} for good`, () => {
      const reader = new TokenReader()
      reader.push(bytes)
      for (const piece of [int(6), new Uint8Array(), bytes]) assert.isTrue(Result.isFailure(reader.push(piece)))
    })
  }

  it("keeps no part of a chunk, and does not change what it gave", () => {
    const reader = new TokenReader()
    const bytes = string("abc")
    const first = Result.getOrThrow(reader.push(bytes))
    bytes.fill(0)
    reader.push(int(5))
    assert.deepStrictEqual(first.map(one), ["STRING abc"])
  })
})
