/** What a decoder may be told to expect. */
import { any, Constraint, type Shape } from "@effect-foolscap/banana/Constraint"
import { bit, FLOAT, INT, LONGINT, LONGNEG, NEG, OPEN, STRING, VOCAB } from "@effect-foolscap/banana/wire/TokenType"
import type { Choose } from "../../../banana/test/Values.ts"

const kinds = ["list", "tuple", "dict", "set", "immutable-set", "unicode", "boolean", "none", "decimal"]
const types = [INT, NEG, LONGINT, LONGNEG, FLOAT, STRING, VOCAB]

/** Some of what a sequence may be held to. */
const shapeFrom = (choose: Choose, depth: number): Shape => {
  const inner = () => constraintFrom(choose, depth + 1)
  switch (choose(8)) {
    case 0:
      return { maxLength: choose(4) }
    case 1:
      return { item: inner() }
    case 2:
      return { key: inner(), item: inner(), maxLength: choose(4) }
    case 3:
      return { items: Array.from({ length: choose(4) }, inner) }
    case 4:
      return {
        named: new Map([
          ["a", inner()],
          ["list", inner()]
        ])
      }
    case 5:
      return { maxBytes: choose(4) }
    default:
      return {}
  }
}

/** Mostly whatever comes. */
export const constraintFrom = (choose: Choose, depth = 0): Constraint => {
  if (choose(4) > 0 || depth > 3) return any
  let tokens = bit(OPEN)
  for (const type of types) if (choose(2) === 0) tokens |= bit(type)
  const opens = new Map<string, Shape>()
  for (const kind of kinds) if (choose(2) === 0) opens.set(kind, shapeFrom(choose, depth))
  return new Constraint({
    name: "Any",
    tokens,
    opens,
    others: choose(4) === 0,
    ...(choose(4) === 0 ? { maxString: choose(4) } : {}),
    ...(choose(4) === 0 ? { maxLong: choose(4) } : {})
  })
}
