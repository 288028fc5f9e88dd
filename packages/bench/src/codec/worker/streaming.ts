/** One encoder and one decoder with much going through them, and the memory they take. */
import * as Result from "effect/Result"
import { answer } from "../../Answering.ts"
import type { Streamed } from "../Streaming.ts"
import { kinds } from "../Values.ts"
import * as Ours from "./Ours.ts"
import { chunkSize, cut } from "./Serving.ts"

const inUse = (): number => {
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

/** What is left behind a collection. What the first one finds to be garbage may hold on to memory until the second. */
const kept = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return inUse()
}

const keptEvery = 8e6

const stream = (bytes: number): Streamed => {
  const value = Ours.from(kinds.records.make(1000))
  const encoder = Ours.encoder()
  const decoder = Ours.decoder()
  let objects = 0
  const one = (): number => {
    Result.getOrThrow(encoder.encode(value))
    const { size } = encoder
    for (const piece of encoder.take()) {
      for (const chunk of cut(piece, chunkSize)) {
        for (const { _tag } of decoder.push(chunk)) {
          if (_tag !== "Delivered") throw new Error(`received ${_tag}`)
          objects++
        }
      }
    }
    return size
  }
  // The engine compiles on the way. That is not what is asked here.
  for (let turn = 0; turn < 100; turn++) one()

  objects = 0
  const before = kept()
  // Once as it goes, and once more for what is kept, since to collect garbage changes how much there is.
  const peak = most(bytes, one, 0, inUse)
  const streamed = objects
  const peakKept = most(bytes, one, keptEvery, kept)
  return { bytes, objects: streamed, before, after: kept(), peak, peakKept }
}

/** The most that `look` sees while so many bytes go through, each time that `every` more have. */
const most = (bytes: number, one: () => number, every: number, look: () => number): number => {
  let found = look()
  let looked = 0
  for (let done = 0; done < bytes;) {
    done += one()
    if (done - looked < every) continue
    looked = done
    found = Math.max(found, look())
  }
  return found
}

await answer("effect-foolscap, streaming", {
  stream: ({ megabytes }: { readonly megabytes: number }) => stream(megabytes * 1e6)
})
