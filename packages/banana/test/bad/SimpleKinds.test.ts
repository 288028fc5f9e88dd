import { describe } from "@effect/vitest"
import { decimal, float, fromHex, int, join, none, sequence, string, text, vocab } from "../Tokens.ts"
import { check, root } from "./Cases.ts"

describe("None, a boolean, a text, a decimal (B7, B9, B10)", () => {
  check({
    "None holds nothing": [sequence("none", int(1)), `Failed ${root}.??: NoneUnslicer does not accept any tokens`],
    "a boolean holds one INT": [
      sequence("boolean", int(1), int(1)),
      `Failed ${root}.<bool>: BooleanUnslicer only accepts one token`
    ],
    "a boolean holds no STRING": [
      sequence("boolean", string("1")),
      `Failed ${root}.<bool>: BooleanUnslicer only accepts an INT token`
    ],
    "a boolean holds no sequence": [
      sequence("boolean", none),
      `Failed ${root}.<bool>: BooleanUnslicer only accepts an INT token`
    ],
    "a boolean of nothing is None, of any number true": [
      join(sequence("boolean"), sequence("boolean", int(0)), sequence("boolean", int(2n ** 70n))),
      "None",
      "False",
      "True",
      "9"
    ],
    "a text holds one string": [
      sequence("unicode", string("a"), string("b")),
      `Failed ${root}.<unicode>: already received a string`
    ],
    "a text holds no number": [
      sequence("unicode", float(1)),
      `Failed ${root}.<unicode>: UnicodeUnslicer only accepts strings`
    ],
    "a text of nothing is None": [sequence("unicode"), "None", "9"],
    "a text may be a word of the table": [sequence("unicode", vocab(4)), '"list"', "9"],
    "a text keeps its byte order mark and its NUL": [text("\ufeffa\0"), '"\ufeffa\\u0000"', "9"],
    "a decimal holds no number": [
      sequence("decimal", int(1)),
      `Failed ${root}.<decimal>: DecimalUnslicer only accepts strings`
    ],
    "a decimal of nothing is None": [sequence("decimal"), "None", "9"],
    "a decimal is read as Python does": [
      join(decimal(" 1_000.50 "), decimal("1e3"), decimal("-inf"), decimal("snan007")),
      "Decimal(1000.50)",
      "Decimal(1E+3)",
      "Decimal(-Infinity)",
      "Decimal(sNaN7)",
      "9"
    ]
  })

  const broken = {
    "a byte that begins nothing": "ff",
    "a surrogate": "eda080",
    "a pair of surrogates": "eda0bdedb880",
    "a long form": "c0af",
    "half a character": "e282",
    "a character beyond Unicode": "f4908080",
    "30 good bytes and a bad one": `${"61".repeat(30)}80`
  }
  for (const [name, hex] of Object.entries(broken)) {
    check({
      [`a text with ${name} is not UTF-8`]: [text(fromHex(hex)), `Failed ${root}.<unicode>: a text that is not UTF-8`]
    })
  }
  for (const garbage of ["", "abc", "1.2.3", "1e", "--1", "0x10", "1,5", "1 5", "nan1x", "infinit"]) {
    check({
      [`a decimal of ${JSON.stringify(garbage)} is no number`]: [
        decimal(garbage),
        `Failed ${root}.<decimal>: a decimal that is no number`
      ]
    })
  }
})
