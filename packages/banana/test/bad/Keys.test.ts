import { assert, describe, it } from "@effect/vitest"
import { heard } from "../Stream.ts"
import {
  boolean,
  decimal,
  dict,
  float,
  frozenset,
  int,
  join,
  list,
  none,
  reference,
  sequence,
  set,
  string,
  text,
  tuple,
  vocab
} from "../Tokens.ts"
import { check, next, root } from "./Cases.ts"

describe("A key of a dict (B13)", () => {
  const duplicate = (key: string) => `Failed ${root}.{}: duplicate key '${key}'`
  check({
    "may not come twice as bytes": [dict(string("a"), int(1), string("a"), int(2)), duplicate("b'a'")],
    "may not come twice as bytes and as a word of the table": [
      dict(string("list"), int(1), vocab(4), int(2)),
      duplicate("b'list'")
    ],
    "may not come twice as text": [dict(text("a"), int(1), text("a"), int(2)), duplicate("a")],
    "may not come as 1 and as 1.0": [dict(int(1), int(1), float(1), int(2)), duplicate("1.0")],
    "may not come as 1 and as True": [dict(int(1), int(1), boolean(true), int(2)), duplicate("True")],
    "may not come as 0 and as -0.0": [dict(int(0), int(1), float(-0), int(2)), duplicate("-0.0")],
    "may not come as False and as 0": [dict(boolean(false), int(1), int(0), int(2)), duplicate("0")],
    "may not come as 1 and as Decimal 1.0": [dict(int(1), int(1), decimal("1.0"), int(2)), duplicate("1.0")],
    "may not come as 0.5 and as Decimal 0.50": [dict(float(0.5), int(1), decimal("0.50"), int(2)), duplicate("0.50")],
    "may not come as 2**53 in two tokens": [
      dict(int(2n ** 53n), int(1), float(2 ** 53), int(2)),
      duplicate("9007199254740992.0")
    ],
    "may not come twice as None": [dict(none, int(1), none, int(2)), duplicate("None")],
    "may come as bytes and as text": [dict(string("a"), int(1), text("a"), int(2)), '{"a": 2, b61: 1}', "9"],
    "may come as 0.1 and as Decimal 0.1, which differ": [
      dict(float(0.1), int(1), decimal("0.1"), int(2)),
      "{0.1: 1, Decimal(0.1): 2}",
      "9"
    ],
    "may come as NaN twice, which is not itself": [
      dict(float(NaN), int(1), float(NaN), int(1)),
      "{NaN: 1, NaN: 1}",
      "9"
    ],
    "may not be a list": [dict(list(), int(1)), `Failed ${root}.{}: unhashable key '[]'`],
    "may not be a dict": [dict(dict(), int(1)), `Failed ${root}.{}: unhashable key '{}'`],
    "may not be a set": [dict(set(), int(1)), `Failed ${root}.{}: unhashable key 'set()'`],
    "may not be a signalling NaN": [dict(decimal("sNaN"), int(1)), `Failed ${root}.{}: unhashable key 'sNaN'`],
    "may not be a tuple that is not complete": [
      tuple(dict(reference(0), int(1))),
      `Failed ${root}.[0].{}: incomplete object as dictionary key`
    ],
    "may be a tuple, by its items": [
      dict(tuple(int(1), int(2)), int(3), tuple(int(1), int(3)), int(4)),
      "{(1, 2): 3, (1, 3): 4}",
      "9"
    ],
    "may be an immutable set": [dict(frozenset(int(1)), int(3)), "{frozenset{1}: 3}", "9"],
    "without a value is dropped": [dict(string("a"), int(1), string("b")), "{b61: 1}", "9"]
  })

  it("may not be a tuple that holds a list, or come twice as a tuple", () => {
    const bytes = [
      dict(tuple(list()), int(1)),
      dict(tuple(int(1)), int(1), tuple(boolean(true)), int(2)),
      dict(frozenset(int(1), int(2)), int(1), frozenset(int(2), float(1)), int(2))
    ]
    const texts = bytes.map((each) => heard(join(each, next)))
    assert.match(texts[0]?.join() ?? "", /^Failed <RootUnslicer>\.\{\}: unhashable key '.*'$/)
    for (const lines of texts.slice(1)) assert.match(lines.join(), /^Failed <RootUnslicer>\.\{\}: duplicate key '.*'$/)
  })
})

describe("A member of a set (B12)", () => {
  check({
    "comes once if it comes again": [set(int(1), float(1), boolean(true), int(2)), "set{1, 2}", "9"],
    "of an immutable set likewise": [frozenset(string("a"), string("a")), "frozenset{b61}", "9"]
  })
  it("may not be a list, a dict or a set, nor a tuple that holds one", () => {
    for (const kind of ["set", "immutable-set"]) {
      for (const member of [list(), dict(), set(), tuple(list()), tuple(tuple(dict()))]) {
        const lines = heard(join(sequence(kind, int(1), member), next))
        assert.strictEqual(lines.length, 1)
        assert.match(lines[0] ?? "", /^Failed <RootUnslicer>\.[^:]+: unhashable member '.*' of a set$/)
      }
    }
  })
})
