/** Overhead: what ours costs over plain Node with the same bytes, block by block in one process. */
import { startWorker } from "../Contender.ts"
import type { Self } from "../Cpu.ts"
import { type Findings, type Goal, type Options, progress } from "../Part.ts"
import * as Rounds from "../Rounds.ts"
import { figure } from "../Table.ts"
import { cast } from "./Identities.ts"

/** Who makes the links of a block. */
export const variants = ["plain Node", "ours"] as const

export type Variant = (typeof variants)[number]

/** What one link of a block took, in milliseconds. */
export interface Block {
  readonly wall: number
  readonly processor: number
}

const linksInBlock = 40

export const run = async ({ quick }: Options): Promise<Findings> => {
  progress("overhead, in one process")
  const worker = await startWorker("connect/worker/overhead.ts")
  const plan = { warming: quick ? 20 : 80, counted: quick ? 20 : 60 }
  try {
    await worker.ask({ do: "prepare", people: await cast("p256", 1) })
    const [plain = [], ours = []] = await Rounds.gather(plan, variants, (variant) =>
      worker.ask<Block>({ do: "block", variant, count: linksInBlock })
    )
    const wall = Rounds.ratio(wallsOf(plain), wallsOf(ours))
    const processor = Rounds.ratio(processorsOf(plain), processorsOf(ours))
    const row = (name: string, blocks: ReadonlyArray<Block>) => [
      name,
      figure(Rounds.median(wallsOf(blocks))),
      figure(Rounds.median(processorsOf(blocks)))
    ]
    return {
      sections: [
        {
          title: "Overhead over plain Node, one after the other in one process",
          table: {
            left: 1,
            rows: [
              ["", "ms a link", "processor, ms"],
              row("plain Node, same bytes", plain),
              row("ours", ours),
              ["ours ÷ plain Node", wall.toFixed(3), processor.toFixed(3)]
            ]
          },
          notes: [
            `Blocks of ${linksInBlock} links in turns, ${plan.counted} of each; both ends in the same process, P-256.`
          ]
        }
      ],
      goals: [goal("time", wall), goal("processor time", processor)],
      data: { plain, ours }
    }
  } finally {
    await worker.end()
  }
}

const wallsOf = (blocks: ReadonlyArray<Block>) => blocks.map(({ wall }) => wall)
const processorsOf = (blocks: ReadonlyArray<Block>) => blocks.map(({ processor }) => processor)

const goal = (what: string, reached: number): Goal => ({
  what: `${what} of a link in one process, ours ÷ plain Node`,
  reached,
  aim: { atMost: 1.08 }
})

const profiledMilliseconds = 5000
const shown = 25

/** Where the time of our links goes, both ends together. */
export const profile = async (): Promise<Findings> => {
  const worker = await startWorker("connect/worker/overhead.ts")
  try {
    await worker.ask({ do: "prepare", people: await cast("p256", 1) })
    const all = await worker.ask<ReadonlyArray<Self>>({ do: "profile", milliseconds: profiledMilliseconds })
    const selves = all.filter(({ name }) => name !== "(idle)")
    const sum = (some: ReadonlyArray<Self>) => some.reduce((total, { milliseconds }) => total + milliseconds, 0)
    const total = sum(selves)
    const percent = (part: number) => `${((part / total) * 100).toFixed(1)} %`
    const groups = new Map<string, number>()
    for (const self of selves) groups.set(groupOf(self), (groups.get(groupOf(self)) ?? 0) + self.milliseconds)
    return {
      sections: [
        {
          title: "Where the time of a link goes, by part",
          table: {
            left: 1,
            rows: [
              ["", "self"],
              ...[...groups].toSorted(([, a], [, b]) => b - a).map(([group, part]) => [group, percent(part)])
            ]
          },
          notes: [
            "Both ends in one process. The engine's own functions are OpenSSL's, the system's and the collector's."
          ]
        },
        {
          title: "Where the time of a link goes, by function",
          table: {
            left: 2,
            rows: [
              ["function", "file", "self"],
              ...selves.slice(0, shown).map(({ file, milliseconds, name }) => [name, file, percent(milliseconds)])
            ]
          },
          notes: []
        }
      ],
      data: selves
    }
  } finally {
    await worker.end()
  }
}

const groupOf = ({ file, name }: Self): string => {
  if (name === "(garbage collector)") return "garbage collector"
  if (file === "") return "the engine's own functions"
  if (file.startsWith("node:")) return "Node's JavaScript"
  return file.startsWith("effect/") ? "Effect" : file.startsWith("bench/") ? "the benchmark" : "ours"
}
