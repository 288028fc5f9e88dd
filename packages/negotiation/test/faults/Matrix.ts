/** The table of expectations, which is written by hand in `matrix.md`: read here, and printed the way it is written. */
import { readFileSync } from "node:fs"
import { positions } from "./Points.ts"

/** What is expected of one fault at one point, in the order of `positions`. */
export interface Row {
  readonly fault: string
  readonly cells: ReadonlyArray<string>
}

/** One point. */
export interface Section {
  readonly title: string
  readonly text: string
  readonly rows: ReadonlyArray<Row>
}

export interface Matrix {
  readonly preamble: string
  readonly sections: ReadonlyArray<Section>
}

/** A cell that cannot be played says by a letter why. */
export const dash = /^– ([a-z])$/

const cellsOf = (line: string): ReadonlyArray<string> =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim())

const parse = (markdown: string): Matrix => {
  const [preamble = "", ...sections] = markdown.split(/^## /m)
  return {
    preamble,
    sections: sections.map((section) => {
      const [title = "", ...lines] = section.split("\n")
      const isTable = (line: string) => line.startsWith("|")
      const rows = lines.filter(isTable).slice(2).map(cellsOf)
      return {
        title,
        text: lines
          .filter((line) => !isTable(line))
          .join("\n")
          .trim(),
        rows: rows.map(([fault = "", ...cells]) => ({ fault, cells }))
      }
    })
  }
}

const file = `${import.meta.dirname}/matrix.md`

/** The text of `matrix.md`. */
export const written: string = readFileSync(file, "utf8")

export const matrix: Matrix = parse(written)

/** The letters of the dashes, each with its reason. */
export const dashes: ReadonlyMap<string, string> = new Map(
  Array.from(matrix.preamble.matchAll(/^- ([a-z]): (.+)$/gm), ([, letter = "", why = ""]) => [letter, why])
)

const aligned = (lines: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = lines.reduce<ReadonlyArray<number>>(
    (widest, line) => line.map((cell, i) => Math.max(cell.length, widest[i] ?? 0)),
    []
  )
  const padded = lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)))
  const rule = widths.map((width) => "-".repeat(width))
  return [...padded.slice(0, 1), rule, ...padded.slice(1)].map((line) => `| ${line.join(" | ")} |`)
}

/** The key of one cell. */
export const keyOf = (...key: readonly [point: string, fault: string, column: number]): string => key.join(", ")

/** The whole table as Markdown, with these texts in its cells. */
export const print = (texts: ReadonlyMap<string, string>): string => {
  const head = ["", ...positions.map(({ name }) => name)]
  const sections = matrix.sections.map(({ rows, text, title }) => {
    const lines = rows.map(({ cells, fault }) => [
      fault,
      ...cells.map((_, column) => texts.get(keyOf(title, fault, column)) ?? "")
    ])
    return `## ${title}\n\n${text}\n\n${aligned([head, ...lines]).join("\n")}\n`
  })
  return matrix.preamble + sections.join("\n")
}
