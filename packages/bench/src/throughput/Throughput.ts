/** Throughput: what goes through one link, as bytes and as calls. */
import type { Chart } from "../Chart.ts"
import { startWorker } from "../Contender.ts"
import { cast, type Cast } from "../connect/Identities.ts"
import { type Findings, type Options, planOf, progress, type Section } from "../Part.ts"
import * as Rounds from "../Rounds.ts"
import { figure } from "../Table.ts"
import * as Pair from "./Pair.ts"
import { chunkOf } from "./Receiving.ts"
import { createHash } from "node:crypto"

interface Row {
  readonly label: string
  readonly what: string
  readonly turns: ReadonlyArray<Pair.Turn>
}

/** The first is ours, the second what it is compared with. */
const bulk = [
  { label: "ours", start: () => startWorker("throughput/worker/sockets.ts", "tub") },
  { label: "node:tls", start: () => startWorker("throughput/worker/plain.ts") },
  { label: "node:tls, Effect loaded", start: () => startWorker("throughput/worker/plain.ts", "loaded") },
  { label: "Effect's TLS socket", start: () => startWorker("throughput/worker/sockets.ts", "tls") }
]

const rpc = [
  { label: "ours", start: () => startWorker("throughput/worker/rpc.ts", "tub") },
  { label: "Effect's TLS socket", start: () => startWorker("throughput/worker/rpc.ts", "tls") }
]

const megabyte = 1_048_576

const writes = [
  { what: "64 KiB a write", size: 65_536, megabytes: 256 },
  { what: "1 KiB a write", size: 1024, megabytes: 32 }
]

const calls = [
  { what: "one at a time, 10 bytes", size: 10, concurrent: 1, count: 2000 },
  { what: "100 in flight, 10 bytes", size: 10, concurrent: 100, count: 10_000 },
  { what: "100 in flight, 10 kB", size: 10_000, concurrent: 100, count: 4000 }
]

export const run = async (options: Options): Promise<Findings> => {
  const people = await cast("p256", 1)
  const bytes = await measureBulk(people, options)
  const called = await measureRpc(people, options)
  const { counted } = planOf(options)
  return {
    sections: [
      sectionOf("Bytes through one link", "MB/s", "processor, ms a MB", counted, bytes, [
        "The settings of TLS are the same for all; both ends' processor time.",
        "What a socket receives lies outside of the engine's heap, and to free it the engine looks through all of the heap: the more a program has loaded, the longer that takes."
      ]),
      sectionOf("Calls of effect/rpc through one link", "calls/s", "processor, ms a call", counted, called, [
        "Both over mutual TLS with the same settings, serialized as ndjson; both ends' processor time."
      ])
    ],
    goals: [
      {
        what: "bytes/s through one link in writes of 64 KiB, ours ÷ node:tls",
        reached: ratioIn(bytes, "node:tls", "64 KiB a write"),
        aim: { atLeast: 0.95 }
      },
      {
        what: "calls/s of effect/rpc, 100 in flight, ours ÷ Effect's TLS socket",
        reached: ratioIn(called, "Effect's TLS socket", "100 in flight, 10 bytes"),
        aim: { atLeast: 1 }
      }
    ],
    charts: [
      chartOf("Bytes through one link, 64 KiB a write", "MB/s, more is better", bytes, "64 KiB a write"),
      chartOf("effect/rpc, 100 in flight", "calls a second, more is better", called, "100 in flight, 10 bytes")
    ],
    data: { bytes, called }
  }
}

const measureBulk = (people: Cast, options: Options) =>
  measure(bulk, people, async (pairs) => {
    const rows: Array<Row> = []
    for (const { megabytes, size, what } of writes) {
      progress(`bytes, ${what}`)
      const count = ((options.quick ? megabytes / 4 : megabytes) * megabyte) / size
      for (const pair of pairs) await agree(pair, size)
      const turns = await Rounds.gather(planOf(options), pairs, async (pair) => {
        await pair.server.ask({ do: "expect", bytes: count * size, hashed: false })
        return Pair.turn(pair, (count * size) / 1e6, () => pair.client.ask({ do: "send", chunk: size, count }))
      })
      rows.push(...pairs.map(({ label }, at) => ({ label, what, turns: turns[at] ?? [] })))
    }
    return rows
  })

/** What arrives is what was sent. */
const agree = async ({ client, label, server }: Pair.Pair, size: number): Promise<void> => {
  const count = 100
  await server.ask({ do: "expect", bytes: count * size, hashed: true })
  await client.ask({ do: "send", chunk: size, count })
  const { digest } = await server.ask<{ readonly digest: string }>({ do: "digest" })
  const hash = createHash("sha256")
  for (let at = 0; at < count; at++) hash.update(chunkOf(size))
  if (digest !== hash.digest("hex")) throw new Error(`${label}: other bytes have arrived`)
}

const measureRpc = (people: Cast, options: Options) =>
  measure(rpc, people, async (pairs) => {
    const rows: Array<Row> = []
    for (const pair of pairs) {
      const { text } = await pair.client.ask<{ readonly text: string }>({ do: "one", text: "hello" })
      if (text !== "HELLO") throw new Error(`${pair.label}: the call was answered ${text}`)
    }
    for (const { concurrent, count, size, what } of calls) {
      progress(`calls, ${what}`)
      const some = options.quick ? count / 4 : count
      const turns = await Rounds.gather(planOf(options), pairs, (pair) =>
        Pair.turn(pair, some, () => pair.client.ask({ do: "calls", size, count: some, concurrent }))
      )
      rows.push(...pairs.map(({ label }, at) => ({ label, what, turns: turns[at] ?? [] })))
    }
    return rows
  })

const measure = async (
  contenders: typeof bulk,
  people: Cast,
  run: (pairs: ReadonlyArray<Pair.Pair>) => Promise<ReadonlyArray<Row>>
): Promise<ReadonlyArray<Row>> => {
  const pairs: Array<Pair.Pair> = []
  try {
    for (const { label, start } of contenders) pairs.push(await Pair.open(label, start, people))
    return await run(pairs)
  } finally {
    await Promise.all(pairs.map(Pair.close))
  }
}

const ratio = (ours: Row, theirs: Row): number =>
  Rounds.median(ours.turns.map(({ perSecond }, round) => perSecond / (theirs.turns[round]?.perSecond ?? Number.NaN)))

const ratioIn = (rows: ReadonlyArray<Row>, label: string, what: string): number => {
  const [ours, theirs] = ["ours", label].map((wanted) => rows.find((row) => row.label === wanted && row.what === what))
  return ours === undefined || theirs === undefined ? Number.NaN : ratio(ours, theirs)
}

const sectionOf = (
  title: string,
  unit: string,
  cost: string,
  rounds: number,
  rows: ReadonlyArray<Row>,
  notes: ReadonlyArray<string>
): Section => ({
  title,
  table: {
    left: 2,
    rows: [
      ["", "through", unit, cost, "ours is"],
      ...rows.map((row) => [
        row.label === "ours" ? row.what : "",
        row.label,
        figure(Rounds.median(row.turns.map(({ perSecond }) => perSecond))),
        figure(Rounds.median(row.turns.map(({ processor }) => processor))),
        row.label === "ours" ? "" : `${figure(ratioIn(rows, row.label, row.what))} x`
      ])
    ]
  },
  notes: [`Medians of ${rounds} rounds; two processes; "ours is 2 x" means twice as much in the same time.`, ...notes]
})

const chartOf = (title: string, unit: string, rows: ReadonlyArray<Row>, what: string): Chart => ({
  title,
  unit,
  bars: rows
    .filter((row) => row.what === what)
    .map(({ label, turns }) => ({ label, value: Rounds.median(turns.map(({ perSecond }) => perSecond)) }))
})
