/** Streaming: how much memory a link's encoder and decoder take while much more goes through them. */
import { startWorker } from "../Contender.ts"
import type { Findings, Options } from "../Part.ts"
import { figure } from "../Table.ts"

/** What the worker answers, in bytes. */
export interface Streamed {
  readonly bytes: number
  readonly objects: number
  /** Heap and external memory after a collection. */
  readonly before: number
  readonly after: number
  /** The most that was in use after any object, and the most after any of the collections on the way. */
  readonly peak: number
  readonly peakKept: number
}

export const run = async (options: Options): Promise<Findings> => {
  const results: Array<Streamed> = []
  for (const megabytes of options.quick ? [16, 64] : [256, 512, 1024]) {
    // A process each: what one leaves behind is not the other's.
    const worker = await startWorker("codec/worker/streaming.ts")
    try {
      results.push(await worker.ask<Streamed>({ do: "stream", megabytes }))
    } finally {
      await worker.end()
    }
  }
  const megabytes = (bytes: number) => figure(bytes / 1e6)
  const row = ({ after, before, bytes, objects, peak, peakKept }: Streamed) => [
    megabytes(bytes),
    `${objects}`,
    ...[before, after, peakKept, peak].map(megabytes)
  ]
  return {
    sections: [
      {
        title: "Memory while streaming, in MB",
        table: {
          left: 0,
          rows: [["through", "objects", "before", "after", "most kept", "most with garbage"], ...results.map(row)]
        },
        notes: [
          "Lists of 1000 records, one after the other, through one encoder and, in chunks of 64 KiB, one decoder; heapUsed and " +
            "external together. Before, after and kept: behind a collection. Garbage: of another pass, without collections of ours; " +
            "it still grows over about the first 200 MB.",
          `From the smallest to the largest amount the most kept grows by ${figure(
            ((results.at(-1)?.peakKept ?? 0) - (results[0]?.peakKept ?? 0)) / 1e6
          )} MB.`
        ]
      }
    ],
    data: results
  }
}
