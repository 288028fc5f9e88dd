import { assert, describe, it } from "@effect/vitest"
import { heard } from "../Stream.ts"
import { abort, close, int, join, list, open, sequence, string, token, vocab } from "../Tokens.ts"
import { check, next, root } from "./Cases.ts"

describe("The vocabulary (B19)", () => {
  check({
    "has no word behind its last": [vocab(25), `Failed ${root}: unknown vocab index 25`],
    "has no word of an enormous number": [vocab(2n ** 64n), `Failed ${root}: unknown vocab index ${2n ** 64n}`],
    "has to have the word also of what is refused": [
      join(open(0, "bogus"), vocab(99)),
      `Violated ${root}: unknown top-level OPEN type ('bogus',)`,
      `Failed ${root}: unknown vocab index 99`
    ],
    "is replaced by set-vocab": [
      join(
        sequence("set-vocab", int(0), string("zero"), int(7), string("list")),
        vocab(0),
        token(0, 0x88),
        vocab(7),
        close(0)
      ),
      "b7a65726f",
      "[]",
      "9"
    ],
    "has lost its words behind set-vocab": [
      join(sequence("set-vocab"), vocab(0)),
      `Failed ${root}: unknown vocab index 0`
    ],
    "grows by add-vocab, or changes a word": [
      join(
        sequence("add-vocab", int(40), string("forty")),
        sequence("add-vocab", int(4), string("four")),
        vocab(40),
        vocab(4),
        vocab(5)
      ),
      "b666f727479",
      "b666f7572",
      "b7475706c65",
      "9"
    ],
    "is as it was behind a set-vocab that was given up": [
      join(open(0, "set-vocab"), int(4), string("four"), abort(0), close(0), vocab(4)),
      `Violated ${root}.<vocabdict>: ABORT received`,
      "b6c697374",
      "9"
    ],
    "takes INTs for numbers": [
      sequence("set-vocab", string("a")),
      `Failed ${root}.<vocabdict>: VocabUnslicer only accepts INT keys`
    ],
    "takes STRINGs for words": [
      sequence("set-vocab", int(0), vocab(0)),
      `Failed ${root}.<vocabdict>[0]: VocabUnslicer only accepts STRING values`
    ],
    "takes a number once": [
      sequence("set-vocab", int(0), string("a"), int(0), string("b")),
      `Failed ${root}.<vocabdict>: duplicate key '0'`
    ],
    "takes no number without a word": [
      sequence("set-vocab", int(0)),
      `Failed ${root}.<vocabdict>[0]: sequence ended early: got key but not value`
    ],
    "takes words of 100 bytes": [
      join(sequence("set-vocab", int(0), string("v".repeat(100))), vocab(0)),
      `b${"76".repeat(100)}`,
      "9"
    ],
    "takes no words of 101 bytes": [
      sequence("add-vocab", int(0), string("v".repeat(101))),
      `Violated ${root}.<add-vocab>[0]: STRING token too large: 101>100`,
      "9"
    ],
    "takes one word with add-vocab": [
      sequence("add-vocab", int(0), string("a"), int(1)),
      `Violated ${root}.<add-vocab>[0]: add-vocab only accepts two values`,
      "9"
    ],
    "takes no add-vocab without a word": [
      sequence("add-vocab", int(0)),
      `Failed ${root}.<add-vocab>[0]: sequence ended too early`
    ],
    "is not changed from within a list": [
      list(sequence("set-vocab", int(0), string("zero"))),
      `Violated ${root}.[0]: unknown OPEN type ('set-vocab',)`,
      "9"
    ]
  })

  it("is changed for one link alone", () => {
    heard(join(sequence("add-vocab", int(4), string("four")), sequence("add-vocab", int(40), string("forty"))))
    heard(sequence("set-vocab", int(4), string("for")))
    assert.deepStrictEqual(heard(vocab(4)), ["b6c697374"])
    assert.deepStrictEqual(heard(vocab(40)), [`Failed ${root}: unknown vocab index 40`])
  })

  it("holds 1000 words and no more", () => {
    const words = (count: number) =>
      sequence("set-vocab", ...Array.from({ length: count }, (_, at) => join(int(at), string("w"))))
    assert.deepStrictEqual(heard(join(words(1000), vocab(999))), ["b77"])
    assert.deepStrictEqual(heard(join(words(1001), next)), [`Violated ${root}.<vocabdict>: the table is full`, "9"])
    assert.deepStrictEqual(heard(join(words(1000), sequence("add-vocab", int(1000), string("w")), next)), [
      `Violated ${root}.<add-vocab>[1000]: the table is full`,
      "9"
    ])
  })
})
