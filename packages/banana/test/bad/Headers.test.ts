import { assert, describe, it } from "@effect/vitest"
import { decoder, heard } from "../Stream.ts"
import { abort, fromHex, int, join, longint, longneg, neg, open, token } from "../Tokens.ts"
import { check, digits, root } from "./Cases.ts"

describe("A header (B1)", () => {
  const tooMany = [`Failed ${root}: token prefix is limited to 64 bytes`] as const
  check({
    "of 65 digits ends the link": [join(digits(65), Uint8Array.of(0x81)), ...tooMany],
    "of 65 digits ends the link before its type byte comes": [digits(65), ...tooMany],
    "of 65 zeros ends it as well": [new Uint8Array(65), ...tooMany],
    "of 65 digits in a list ends the link there": [
      join(open(0, "list"), int(1), digits(65)),
      `Failed ${root}.[1]: token prefix is limited to 64 bytes`
    ],
    "of 65 digits in what is refused ends the link, too": [
      join(open(0, "bogus"), digits(65)),
      `Violated ${root}: unknown top-level OPEN type ('bogus',)`,
      ...tooMany
    ],
    "of 64 digits with leading zeros is a number": [
      join(Uint8Array.of(5), new Uint8Array(63), Uint8Array.of(0x81)),
      "5",
      "9"
    ]
  })

  it("of 64 digits waits for its type byte", () => {
    const decoding = decoder()
    assert.deepStrictEqual(decoding.push(digits(64)), [])
    assert.isFalse(decoding.atBorder)
    const all = (1n << 448n) - 1n
    assert.deepStrictEqual(heard(int(all)), [`${all}n`])
    assert.deepStrictEqual(heard(neg(all)), [`-${all}n`])
  })
})

describe("A number (B2)", () => {
  check({
    "of no body is 0": [longint(new Uint8Array()), "0", "9"],
    "that is a negative zero of no body is 0": [longneg(new Uint8Array()), "0", "9"],
    "may have zeros before it": [longint(fromHex("00000000000000000005")), "5", "9"]
  })
})

describe("A type byte (B1)", () => {
  for (const type of [0x8b, 0x8c, 0x90, 0xa0, 0xff]) {
    const hex = `0x${type.toString(16)}`
    check({
      [`${hex} ends the link`]: [token(1, type), `Failed ${root}: Invalid Type Byte ${hex}`],
      [`${hex} ends it in what is refused, too`]: [
        join(abort(0), open(0, "list"), abort(0), token(1, type)),
        `Violated ${root}: ABORT received`,
        `Violated ${root}.[0]: ABORT received`,
        `Failed ${root}: Invalid Type Byte ${hex}`
      ]
    })
  }
  check({
    "of the old LIST ends the link": [
      token(2, 0x80),
      `Failed ${root}: oldbanana peer detected, compatibility code not yet written`
    ],
    "that is none, between an OPEN and its word, is refused and then ends the link": [
      join(token(0, 0x88), token(1, 0x90)),
      `Violated ${root}: index token 0x90 not STRING or VOCAB`,
      `Failed ${root}: Invalid Type Byte 0x90`
    ]
  })
})
