/** Chunks: what it costs that a message comes in many small pieces. */
import { startWorker } from "../Contender.ts"
import { type Findings, type Options, planOf } from "../Part.ts"
import { figure } from "../Table.ts"

/** `copy`: the bytes of a byte string, by a loop that only copies. */
export type Message = "byte string" | "copy" | "records"

const titles: { readonly [message in Message]: string } = {
  "byte string": "byte string",
  copy: "no decoder, only a copy",
  records: "records"
}

/** What the worker answers: medians, in nanoseconds per byte of the message. */
export interface Cost {
  readonly bytes: number
  /** One push for each byte. */
  readonly single: number
  /** One push for each 64 KiB. */
  readonly chunked: number
  /** As many pushes as bytes, of the same bytes, to a decoder that has ended and ignores them. */
  readonly ended: number
  /** As many pushes as bytes, of nothing, to a decoder in the middle of the message. */
  readonly empty: number
}

export const run = async (options: Options): Promise<Findings> => {
  const costs: Array<Cost & { readonly message: Message }> = []
  const { counted: rounds } = planOf(options)
  for (const message of ["byte string", "copy", "records"] as const) {
    // A process of its own: the engine compiles a call for the few kinds of receivers that it has seen there.
    const worker = await startWorker("codec/worker/chunks.ts")
    try {
      for (const megabytes of [1, 10]) {
        costs.push({ message, ...(await worker.ask<Cost>({ do: "cost", message, megabytes, rounds })) })
      }
    } finally {
      await worker.end()
    }
  }
  const row = (cost: (typeof costs)[number]) => {
    const { bytes, chunked, empty, ended, message, single } = cost
    return [
      titles[message],
      ...[bytes / 1e6, chunked, single, ended, empty].map(figure),
      `${figure(netRatio(cost, ended))} x`,
      `${figure(netRatio(cost, empty))} x`
    ]
  }
  return {
    sections: [
      {
        title: "One message in chunks of one byte, in ns per byte",
        table: {
          left: 1,
          rows: [
            ["message", "MB", "64 KiB", "one byte", "ended push", "empty push", "less ended", "less empty"],
            ...costs.map(row)
          ]
        },
        notes: [
          "The goal is 3 x, without the pushes themselves. What a push itself costs is measured in two ways, as many pushes as " +
            "the message has bytes: of its bytes to a decoder that has ended and ignores them, and of no bytes to a decoder in " +
            "the middle of the message. Less either, over the cost in 64 KiB, gives the last two columns.",
          "1 MB and 10 MB cost the same per byte if nothing is quadratic in the number of chunks.",
          "In 64 KiB a byte string is copied by the engine, many bytes at a time. No code that sees one byte after the other can " +
            "match that, as the rows without a decoder show."
        ]
      }
    ],
    data: costs
  }
}

const netRatio = ({ chunked, single }: Cost, push: number): number => Math.max(0, single - push) / chunked
