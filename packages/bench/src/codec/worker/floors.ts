/** The least that any encoder or decoder of such values has to do in JavaScript. */
import { answer } from "../../Answering.ts"
import { timed } from "../../Stopwatch.ts"
import { kinds } from "../Values.ts"
import type { Floor } from "../Floors.ts"
import { chunkSize, cut } from "./Serving.ts"

/** As many as there are byte strings, in lists of so many, which the engine's collector takes better than one of all. */
const partLength = 8192
const inParts = (make: (at: number) => Uint8Array) => () => {
  const parts: Array<ReadonlyArray<Uint8Array>> = []
  for (let start = 0; start < kinds["byte strings"].count; start += partLength) {
    const part: Array<Uint8Array> = []
    part.length = Math.min(partLength, kinds["byte strings"].count - start)
    for (let at = 0; at < part.length; at++) part[at] = make(start + at)
    parts.push(part)
  }
  return parts
}

/** By the name of each, what is done over and over; made before the clock runs. The first argument chooses one. */
const floors: { readonly [floor in Floor]: () => () => unknown } = {
  lengths: () => {
    const strings = kinds["byte strings"].make(kinds["byte strings"].count) as ReadonlyArray<Uint8Array> // as made
    return () => {
      let length = 0
      for (const each of strings) length += each.length
      return length
    }
  },
  views: () => {
    const { buffer } = new Uint8Array(8 * kinds["byte strings"].count)
    return inParts((at) => new Uint8Array(buffer, 8 * at, 8))
  },
  own: () => inParts(() => new Uint8Array(8)),
  blob: () => {
    const chunks = cut(new Uint8Array(kinds.blob.count), chunkSize)
    return () => {
      const whole = new Uint8Array(kinds.blob.count)
      let at = 0
      for (const chunk of chunks) {
        whole.set(chunk, at)
        at += chunk.length
      }
      return whole
    }
  }
}

const floor = floors[process.argv[2] as Floor]() // as Floors starts it

await answer(`Node ${process.versions.node}`, {
  measure: () => ({ ms: timed(floor) })
})
