/** Chart: bars of what was measured, as one SVG of all charts of a run. */

/** One panel. The first bar is ours. */
export interface Chart {
  readonly title: string
  /** "links/s, more is better". */
  readonly unit: string
  readonly bars: ReadonlyArray<Bar>
}

export interface Bar {
  readonly label: string
  readonly value: number
}

// In the units of the picture.
const width = 880
const gap = 40
const panelWidth = (width - gap) / 2
const labelWidth = 200
const valueWidth = 60
const barWidth = panelWidth - labelWidth - valueWidth
const barHeight = 16
const step = 24
const head = 56
const foot = 36

/** All panels in two columns, under one headline. Light and dark follow the reader's own setting. */
export const toSvg = (headline: string, charts: ReadonlyArray<Chart>): string => {
  const panels: Array<string> = []
  const columns = [0, 0]
  for (const chart of charts) {
    // Each goes into the column that is shorter so far.
    const column = (columns[0] ?? 0) <= (columns[1] ?? 0) ? 0 : 1
    const top = columns[column] ?? 0
    panels.push(`<g transform="translate(${column * (panelWidth + gap)} ${top + 48})">${panel(chart)}</g>`)
    columns[column] = top + head + chart.bars.length * step + foot
  }
  const height = 48 + Math.max(...columns)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -8 ${width + 32} ${height}" role="img">`,
    `<title>${escaped(headline)}</title>`,
    `<style>${style}</style>`,
    `<rect class="paper" x="-16" y="-8" width="${width + 32}" height="${height}"/>`,
    `<text class="headline" x="0" y="20">${escaped(headline)}</text>`,
    ...panels,
    "</svg>",
    ""
  ].join("\n")
}

const panel = ({ bars, title, unit }: Chart): string => {
  const longest = Math.max(...bars.map(({ value }) => value))
  return [
    `<text class="title" x="0" y="16">${escaped(title)}</text>`,
    `<text class="unit" x="0" y="34">${escaped(unit)}</text>`,
    ...bars.map(({ label, value }, at) => {
      const length = Math.max(1, (value / longest) * barWidth)
      const name = at === 0 ? "ours" : "other"
      const middle = barHeight - 4
      return (
        `<g transform="translate(0 ${head - 8 + at * step})">` +
        `<text class="label ${name}" x="${labelWidth - 8}" y="${middle}">${escaped(label)}</text>` +
        `<rect class="${name}" x="${labelWidth}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>` +
        `<text class="value" x="${(labelWidth + length + 6).toFixed(1)}" y="${middle}">${shown(value)}</text></g>`
      )
    })
  ].join("\n")
}

const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value >= 10 ? value.toFixed(1) : value.toPrecision(2)

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const style = `
text { font-family: system-ui, sans-serif; fill: #24292f }
.paper { fill: #ffffff }
.headline { font-size: 17px; font-weight: 600 }
.title { font-size: 14px; font-weight: 600 }
.unit { font-size: 12px; fill: #57606a }
.label { font-size: 12px; text-anchor: end }
.value { font-size: 12px; fill: #57606a }
text.ours { font-weight: 600 }
rect.ours { fill: #0969da }
rect.other { fill: #afb8c1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .paper { fill: #0d1117 }
  .unit, .value { fill: #9198a1 }
  rect.ours { fill: #4493f8 }
  rect.other { fill: #484f58 }
}`
