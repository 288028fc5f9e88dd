/** Table: rows for a terminal, and for Markdown. */

/** The first row is the head. Columns are aligned to the right, but for the first `left` ones. */
export interface Table {
  readonly left: number
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

export const toText = ({ left, rows }: Table): string => {
  const widths = widthsOf(rows)
  return rows
    .map((row) => row.map((cell, at) => (at < left ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))))
    .map((row) => row.join("  ").trimEnd())
    .flatMap((line, at) => (at === 0 ? [line, "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2))] : [line]))
    .join("\n")
}

export const toMarkdown = ({ left, rows: [head = [], ...rows] }: Table): string =>
  [head, head.map((_, at) => (at < left ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")

const widthsOf = (rows: Table["rows"]) =>
  (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))

/** Three significant digits, as far as they are behind the point. */
export const figure = (number: number): string =>
  number >= 100
    ? number.toFixed(0)
    : number >= 10
      ? number.toFixed(1)
      : number >= 0.1
        ? number.toFixed(2)
        : number.toPrecision(2)
