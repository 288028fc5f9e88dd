/** The least that any encoder or decoder of such values has to do in JavaScript, without any protocol. */
import { answer } from "../../Answering.ts"
import { timed } from "../../Stopwatch.ts"
import { kinds, type Plain } from "../Values.ts"
import type { Floor } from "../Floors.ts"
import { chunkSize, cut } from "./Serving.ts"

const counted = kinds.ints.count

const byteStrings = (): ReadonlyArray<Uint8Array> => kinds["byte strings"].make(counted) as ReadonlyArray<Uint8Array> // as made

const lists = (value: Plain): ReadonlyArray<object> =>
  Array.isArray(value) ? [value, ...value.flatMap((item) => (Array.isArray(item) ? lists(item) : []))] : []

/** By the title of each, what is done over and over; made before the clock runs. The first argument chooses one. */
const floors = {
  "1 M byte strings: read how long each is": () => {
    const strings = byteStrings()
    return () => {
      let length = 0
      for (const each of strings) length += each.length
      return length
    }
  },
  "1 M byte strings: make so many of 8 bytes": () => () => {
    const made: Array<Uint8Array> = []
    for (let count = 0; count < counted; count++) made.push(new Uint8Array(8))
    return made
  },
  "1 M ints: one list, item by item": () => () => {
    const list: Array<number> = []
    for (let count = 0; count < counted; count++) list.push(count % 1000)
    return list
  },
  "100 k records: remember each list": () => {
    const all = lists(kinds.records.make(kinds.records.count))
    return () => {
      const known = new Set<object>()
      for (const list of all) known.add(list)
      return known
    }
  },
  "64 MiB: copy 64 KiB at a time into new memory": () => {
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
} satisfies { readonly [title in Floor]: () => () => unknown }

const run = Object.entries(floors)
  .filter(([title]) => title === process.argv[2])
  .map(([, make]) => make())

await answer(`Node ${process.versions.node}`, {
  measure: () => ({ ms: timed(() => run.forEach((each) => each())) })
})
