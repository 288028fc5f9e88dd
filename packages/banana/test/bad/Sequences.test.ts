import { assert, describe, it } from "@effect/vitest"
import { decoder } from "../Stream.ts"
import { told } from "../Told.ts"
import { close, float, int, join, list, longint, open, sequence, string, token } from "../Tokens.ts"
import { check, digits, root } from "./Cases.ts"

describe("A sequence (B3, B5, B17)", () => {
  check({
    "that is never closed is never delivered, and swallows what follows": [join(open(0, "list"), int(1))],
    "has to close with its own number": [
      join(open(0, "list"), close(1)),
      `Failed ${root}.[0]: lost sync, got CLOSE(1) but expecting 0`
    ],
    "has to close with its own number, beyond the safe integers too": [
      join(token(2n ** 64n, 0x88), string("list"), token(2n ** 64n + 1n, 0x89)),
      `Failed ${root}.[0]: lost sync, got CLOSE(18446744073709551617) but expecting 18446744073709551616`
    ],
    "may have any number": [join(token(2n ** 64n, 0x88), string("list"), token(2n ** 64n, 0x89)), "[]", "9"],
    "closes once": [join(list(), close(0)), "[]", `Failed ${root}: lost sync, got CLOSE(0) but expecting None`],
    "that is refused closes once, whatever the numbers inside": [
      join(open(0, "bogus"), open(1, "list"), close(44), close(33), close(0)),
      `Violated ${root}: unknown top-level OPEN type ('bogus',)`,
      `Failed ${root}: lost sync, got CLOSE(0) but expecting None`
    ],
    "needs its word before the next OPEN": [
      join(token(0, 0x88), token(1, 0x88)),
      `Failed ${root}: OPEN token followed by OPEN`
    ],
    "needs its word before its CLOSE": [
      join(token(0, 0x88), close(0)),
      `Failed ${root}: lost sync, got CLOSE(0) but expecting None`
    ],
    "whose word is an INT is refused": [
      join(token(0, 0x88), int(1), close(0)),
      `Violated ${root}: index token 0x81 not STRING or VOCAB`,
      "9"
    ],
    "whose word is a LONGINT is refused": [
      join(token(0, 0x88), longint(digits(20)), close(0)),
      `Violated ${root}: index token 0x85 not STRING or VOCAB`,
      "9"
    ],
    "whose word is a FLOAT is refused": [
      join(token(0, 0x88), float(1), close(0)),
      `Violated ${root}: index token 0x84 not STRING or VOCAB`,
      "9"
    ],
    "whose word is unknown is refused": [
      sequence("bogus", int(1)),
      `Violated ${root}: unknown top-level OPEN type ('bogus',)`,
      "9"
    ],
    "whose word is unknown is refused with the list around it": [
      list(int(1), sequence("bogus", list()), int(3)),
      `Violated ${root}.[1]: unknown OPEN type ('bogus',)`,
      "9"
    ],
    "whose word is too long is refused": [
      sequence("x".repeat(14)),
      `Violated ${root}: STRING token is too long, 14>13`,
      "9"
    ],
    "whose word is not UTF-8 ends the link": [
      join(token(0, 0x88), string(Uint8Array.of(0xff)), close(0)),
      `Failed ${root}: an index word that is not UTF-8`
    ],
    "of a call is not known here": [
      sequence("call", int(1)),
      `Violated ${root}: unknown top-level OPEN type ('call',)`,
      "9"
    ]
  })

  it("has its word refused before it comes", () => {
    const decoding = decoder()
    assert.deepStrictEqual(decoding.push(join(token(0, 0x88), token(14, 0x82))).map(told), [
      `Violated ${root}: STRING token is too long, 14>13`
    ])
  })
})
