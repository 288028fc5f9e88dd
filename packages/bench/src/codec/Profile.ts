/** Profile: which functions the time of our encoder and decoder is spent in. */
import { startWorker } from "../Contender.ts"
import type { Self } from "../Cpu.ts"
import { type Findings, progress, type Section } from "../Part.ts"
import { kinds, type Name } from "./Values.ts"

/** What the worker is asked. It answers with `Self`s. */
export interface Request {
  readonly values: Name
  readonly operation: "encode" | "decode"
  readonly milliseconds: number
}

/** So many functions are shown, of those that take at least so much of the whole. */
const shown = 15
const least = 0.005

const milliseconds = 3000

export const run = async (names: ReadonlyArray<Name>): Promise<Findings> => {
  const sections: Array<Section> = []
  const data: Array<Request & { readonly selves: ReadonlyArray<Self> }> = []
  for (const values of names) {
    for (const operation of ["encode", "decode"] as const) {
      progress(`${operation} ${kinds[values].title}`)
      const request = { values, operation, milliseconds }
      const worker = await startWorker("codec/worker/profile.ts")
      try {
        const selves = await worker.ask<ReadonlyArray<Self>>({ do: "profile", ...request })
        data.push({ ...request, selves })
        sections.push(sectionOf(request, selves))
      } finally {
        await worker.end()
      }
    }
  }
  return { sections, data }
}

const sectionOf = ({ operation, values }: Request, selves: ReadonlyArray<Self>): Section => {
  const sum = (some: ReadonlyArray<Self>) => some.reduce((total, self) => total + self.milliseconds, 0)
  const all = sum(selves)
  const percent = (part: number) => `${((part / all) * 100).toFixed(1)} %`
  const ofCodec = selves.filter(({ file }) => file.startsWith("banana/"))
  const collecting = selves.filter(({ name }) => name === "(garbage collector)")
  return {
    title: `Where the time goes: ${operation} ${kinds[values].title}`,
    table: {
      left: 2,
      rows: [
        ["function", "file", "self"],
        ...selves
          .slice(0, shown)
          .filter((self) => self.milliseconds > least * all)
          .map(({ file, milliseconds, name }) => [name, file, percent(milliseconds)])
      ]
    },
    notes: [
      `In banana's own functions ${percent(sum(ofCodec))}, collecting garbage ${percent(sum(collecting))}, in the rest ` +
        `${percent(all - sum(ofCodec) - sum(collecting))}. A function that the engine has inlined counts as the one it is in.`
    ]
  }
}
