import { assert, describe, it } from "@effect/vitest"
import { mutantsOf } from "../../src/mutate/Mutant.ts"

const mutantsOfLine = (line: string) => mutantsOf("line.ts", `${line}\n`).map(({ after }) => after)

describe("A mutant", () => {
  for (const [what, line, mutants] of [
    ["an if does its part always or never", "if (a) b()", ["if (true) b()", "if (false) b()"]],
    ["a choice is always the same", "a ? b : c", ["true ? b : c", "false ? b : c"]],
    ["&& lacks an operand, or says ||", "a && b", ["(a)", "(b)", "a || b"]],
    ["|| lacks an operand, or says &&", "a || b", ["(a)", "(b)", "a && b"]],
    ["?? lacks a side", "a ?? b", ["(a)", "(b)"]],
    [
      "a chain lacks any of its operands",
      "a || b || c",
      ["(a || b)", "(c)", "a || b && c", "(a) || c", "(b) || c", "a && b || c"]
    ],
    ["an equality is its inverse", "a === b", ["a !== b"]],
    ["an inequality is its inverse", "a !== b", ["a === b"]],
    ["< says <= or >=", "a < b", ["a <= b", "a >= b"]],
    ["<= says < or >", "a <= b", ["a < b", "a > b"]],
    ["> says >= or <=", "a > b", ["a >= b", "a <= b"]],
    [">= says > or <", "a >= b", ["a > b", "a < b"]],
    ["a sum is a difference", "a + b", ["a - b"]],
    ["a negation negates nothing", "!(a)", ["(a)"]],
    ["a truth is a falsehood", "a(true)", ["a(false)"]],
    [
      "a comparison by name is another, or its inverse",
      "D.isLessThan(a, b)",
      ["D.isLessThanOrEqualTo(a, b)", "D.isGreaterThanOrEqualTo(a, b)", "!D.isLessThan(a, b)"]
    ],
    ["a minimum is a maximum", "Math.min(a, b)", ["Math.max(a, b)"]],
    ["a question by name is its inverse", "set.has(a)", ["!set.has(a)"]],
    ["a question of our own is its inverse", "isLine(a)", ["!isLine(a)"]],
    [
      "a check of a Schema is another check",
      "Schema.isGreaterThan(0)",
      ["Schema.isGreaterThanOrEqualTo(0)", "Schema.isLessThanOrEqualTo(0)"]
    ],
    ["an optional member takes it for granted", "a?.b", ["a.b"]],
    ["an optional element takes it for granted", "a?.[0]", ["a[0]"]],
    ["an optional call takes it for granted", "a?.()", ["a()"]],
    ["a Set lacks a member", "new Set([a, b])", ["new Set([undefined, b])", "new Set([a, undefined])"]],
    ["a default has none", "const { a = b } = c", ["const { a } = c"]],
    ["a case never applies", "switch (a) { case 1: b() }", ["switch (a) { case Symbol(): b() }"]],
    [
      "a pattern lacks an end or an alternative",
      "/^a(?:b|$)$/u",
      ["/a(?:b|$)$/u", "/^a(?:b|$)/u", "/^a(?:b)$/u", "/^a(?:$)$/u"]
    ],
    ["a type does not exist", "const a: true | 'a' = b as true", []],
    ["a cast is one of what is cast", "(a === b) as true", ["(a !== b) as true"]]
  ] as const) {
    it(`of ${what}: ${line}`, () => {
      assert.deepStrictEqual<ReadonlyArray<string>>(mutantsOfLine(line), mutants)
    })
  }

  it("names its line, and shows the lines that differ", () => {
    assert.deepStrictEqual(
      mutantsOf("a.ts", "a()\nb ||\n  c\nd()\n").map(({ after, before, line }) => [line, before, after]),
      [
        [2, "b ||\n  c", "(b)"],
        [2, "b ||\n  c", "(c)"],
        [2, "b ||", "b &&"]
      ]
    )
  })
})
