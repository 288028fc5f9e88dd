import { describe } from "@effect/vitest"
import { dict, frozenset, int, join, list, neg, reference, sequence, string, text, tuple } from "../Tokens.ts"
import { check, root } from "./Cases.ts"

describe("A reference (B4, B11, B14)", () => {
  check({
    "to nothing ends the link": [reference(7), `Failed ${root}.??: dangling reference '7'`],
    "to itself ends the link": [reference(0), `Failed ${root}.??: dangling reference '0'`],
    "forward ends the link": [list(reference(2), list()), `Failed ${root}.[0].??: dangling reference '2'`],
    "to a number that no list could have ends the link": [
      list(reference(2n ** 448n - 1n)),
      `Failed ${root}.[0].??: dangling reference '${2n ** 448n - 1n}'`
    ],
    "into an earlier top-level object ends the link": [
      join(list(), list(reference(0))),
      "[]",
      `Failed ${root}.[0].??: dangling reference '0'`
    ],
    "to a text ends the link": [list(text("a"), reference(1)), `Failed ${root}.[1].??: dangling reference '1'`],
    "to a reference ends the link": [list(reference(0), reference(1)), `Failed ${root}.[1].??: dangling reference '1'`],
    "in what was refused has counted": [
      join(sequence("bogus", list(), list()), list(reference(3))),
      `Violated ${root}: unknown top-level OPEN type ('bogus',)`,
      "[#0]",
      "9"
    ],
    "holds one INT": [
      list(sequence("reference", int(0), int(0))),
      `Failed ${root}.[0].??: ReferenceUnslicer only accepts one int`
    ],
    "holds no NEG": [list(sequence("reference", neg(0))), `Failed ${root}.[0].??: ReferenceUnslicer only accepts INTs`],
    "holds no string": [
      list(sequence("reference", string("0"))),
      `Failed ${root}.[0].??: ReferenceUnslicer only accepts INTs`
    ],
    "of nothing ends the link": [list(sequence("reference")), `Failed ${root}.[0].??: a reference to nothing`],
    "to the list it is in is a cycle": [list(reference(0)), "[#0]", "9"],
    "to the lists it is in is a cycle, with what comes before and behind it": [
      list(int(1), list(int(2), reference(0), reference(1), int(3)), int(4)),
      "[1, [2, #0, #1, 3], 4]",
      "9"
    ],
    "to a list that has ended is that list": [
      list(int(0), list(int(1)), list(int(2), reference(1)), reference(2), int(3)),
      "[0, [1], [2, #1], #2, 3]",
      "9"
    ],
    "to the tuple around its list is a cycle": [tuple(list(reference(0))), "([#0])", "9"],
    "to the tuple around its tuple ends the link": [
      tuple(tuple(reference(0))),
      `Failed ${root}: a tuple that holds itself`
    ],
    "to the tuple around a list around its tuple is a cycle": [tuple(list(tuple(reference(0)))), "([(#0)])", "9"],
    "to the dict it is in is a cycle": [dict(string("a"), reference(0)), "{b61: #0}", "9"],
    "to an immutable set is that set": [list(frozenset(int(1)), reference(1)), "[frozenset{1}, frozenset{1}]", "9"]
  })
})
