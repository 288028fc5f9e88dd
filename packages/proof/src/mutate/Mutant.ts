/**
 * The mutants of a source: the same program with one of its conditions removed, inverted or moved by one.
 *
 * A condition is whatever chooses: what an `if`, a `?:` or a `case` asks, every operand of `&&`, `||` and `??`, a
 * comparison, a negation, a question by name (`isFailure`, `has`), the members of a `Set`, a default, and the ends and
 * alternatives of a regular expression. Sums count too, because what is compared is often a sum.
 */
import { parseAst } from "vitest/node"

/** A source with one condition broken. */
export interface Mutant {
  /** From the root. */
  readonly path: string
  /** The line of the broken condition, from 1. */
  readonly line: number
  /** The lines that differ, as they are. */
  readonly before: string
  /** The same lines in the mutant. */
  readonly after: string
  /** The whole mutant. */
  readonly source: string
}

type Statement = ReturnType<typeof parseAst>["body"][number]
type Declared = Extract<Statement, { readonly type: "VariableDeclaration" }>["declarations"][number]["id"]
type Case = Extract<Statement, { readonly type: "SwitchStatement" }>["cases"][number]
type Expression = Extract<Statement, { readonly type: "IfStatement" }>["test"]
type Node = Statement | Declared | Case | Expression

/** What stands in place of a part of the source. */
type Change = readonly [start: number, end: number, replacement: string]

/** The inverse of each comparison, and its neighbour that differs where both sides are equal. */
const operators: Readonly<Record<string, ReadonlyArray<string>>> = {
  "===": ["!=="],
  "!==": ["==="],
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "&&": ["||"],
  "||": ["&&"],
  "+": ["-"],
  "-": ["+"]
}

/** The same for comparisons that are functions. */
const names: Readonly<Record<string, ReadonlyArray<string>>> = {
  isLessThan: ["isLessThanOrEqualTo", "isGreaterThanOrEqualTo"],
  isLessThanOrEqualTo: ["isLessThan", "isGreaterThan"],
  isGreaterThan: ["isGreaterThanOrEqualTo", "isLessThanOrEqualTo"],
  isGreaterThanOrEqualTo: ["isGreaterThan", "isLessThan"],
  min: ["max"],
  max: ["min"]
}

const question = /^(?:is[A-Z]\w*|has|test|includes|some|every)$/

/** Every mutant of `source`, in the order of its lines. Throws if one of them is not a program any more. */
export const mutantsOf = (path: string, source: string): ReadonlyArray<Mutant> => {
  const mutants = new Map<string, Mutant>()
  for (const [start, end, replacement] of changesIn(parse(source), source)) {
    const mutated = source.slice(0, start) + replacement + source.slice(end)
    // A mutant that nobody can run would look as if the tests had noticed it.
    parse(mutated)
    const from = source.lastIndexOf("\n", start - 1) + 1
    const rest = source.indexOf("\n", end)
    const before = source.slice(from, rest)
    const after = mutated.slice(from, rest - source.length)
    const line = source.slice(0, start).split("\n").length
    if (!mutants.has(mutated)) mutants.set(mutated, { path, line, before, after, source: mutated })
  }
  return [...mutants.values()].sort((a, b) => a.line - b.line)
}

const parse = (source: string) => parseAst(source, { lang: "ts" })

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"

function* changesIn(value: unknown, source: string): Generator<Change> {
  if (Array.isArray(value)) {
    for (const item of value) yield* changesIn(item, source)
  } else if (isNode(value)) {
    // Types choose nothing when the program runs. A cast is the one of them that holds an expression.
    if (value.type.startsWith("TS") && !("expression" in value)) return
    yield* changesOf(value, source)
    for (const child of Object.values(value)) yield* changesIn(child, source)
  }
}

function* changesOf(node: Node, source: string): Generator<Change> {
  switch (node.type) {
    case "IfStatement":
    case "ConditionalExpression":
      yield [node.test.start, node.test.end, "true"]
      yield [node.test.start, node.test.end, "false"]
      break
    case "SwitchCase":
      if (node.test !== null) yield [node.test.start, node.test.end, "Symbol()"]
      break
    case "LogicalExpression":
      yield [node.start, node.end, `(${textOf(node.left, source)})`]
      yield [node.start, node.end, `(${textOf(node.right, source)})`]
      yield* replacing(node, source)
      break
    case "BinaryExpression":
      yield* replacing(node, source)
      break
    case "UnaryExpression":
      if (node.operator === "!") yield [node.start, node.end, source.slice(node.start + 1, node.end)]
      break
    case "CallExpression":
      if (node.optional) yield insisting(node.callee.end, source)
      if (node.callee.type === "MemberExpression" && node.callee.property.type === "Identifier") {
        const { end, name, start } = node.callee.property
        for (const other of Object.hasOwn(names, name) ? (names[name] ?? []) : []) yield [start, end, other]
        // Schema's questions are put when a schema is made, not when it is used.
        if (question.test(name) && textOf(node.callee.object, source) !== "Schema") yield [node.start, node.start, "!"]
      } else if (question.test(textOf(node.callee, source))) {
        yield [node.start, node.start, "!"]
      }
      break
    case "MemberExpression":
      if (node.optional) yield insisting(node.object.end, source)
      break
    case "NewExpression": {
      const [members] = node.arguments
      if (textOf(node.callee, source) !== "Set" || members?.type !== "ArrayExpression") break
      for (const member of members.elements) {
        if (member !== null) yield [member.start, member.end, "undefined"]
      }
      break
    }
    case "AssignmentPattern":
      yield [node.left.end, node.end, ""]
      break
    case "Literal":
      if (typeof node.value === "boolean") yield [node.start, node.end, String(!node.value)]
      if ("regex" in node) {
        for (const pattern of weakened(node.regex.pattern)) {
          yield [node.start, node.end, `/${pattern}/${node.regex.flags}`]
        }
      }
      break
    default: // chooses nothing
  }
}

const textOf = (node: { readonly start: number; readonly end: number }, source: string) =>
  source.slice(node.start, node.end)

/** Another operator between the same operands. */
function* replacing(
  node: Extract<Expression, { readonly type: "LogicalExpression" | "BinaryExpression" }>,
  source: string
): Generator<Change> {
  const start = source.indexOf(node.operator, node.left.end)
  for (const other of operators[node.operator] ?? []) yield [start, start + node.operator.length, other]
}

/** What comes behind `?.`, without asking whether there is anything. */
const insisting = (end: number, source: string): Change => {
  const start = source.indexOf("?.", end)
  return [start, start + 2, /^\?\.[[(]/.test(source.slice(start, start + 3)) ? "" : "."]
}

/** A regular expression without its beginning, without its end, and with one alternative of each group. */
const weakened = (pattern: string): ReadonlyArray<string> => [
  ...(pattern.startsWith("^") ? [pattern.slice(1)] : []),
  ...(/(?<!\\)\$$/.test(pattern) ? [pattern.slice(0, -1)] : []),
  ...[...pattern.matchAll(/\(\?:([^()|]*)\|([^()|]*)\)/g)].flatMap(({ 0: group, 1: one, 2: other, index }) =>
    [one, other].map((kept) => `${pattern.slice(0, index)}(?:${kept})${pattern.slice(index + group.length)}`)
  )
]
