/** One input, made from its seed. */
import { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import { any, type Constraint } from "@effect-foolscap/banana/Constraint"
import type { Limits } from "@effect-foolscap/banana/Limits"
import type { Value } from "@effect-foolscap/banana/value/Value"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import * as Result from "effect/Result"
import { recorded } from "../../../banana/test/golden/Recorded.ts"
import { type Choose, value } from "../../../banana/test/Values.ts"
import { choicesOf } from "./Chance.ts"
import { constraintFrom } from "./Constraints.ts"
import type { Counts } from "./Counts.ts"
import { Writer } from "./Writer.ts"

/** Bytes for a decoder, and how it is set up. */
export interface Input {
  readonly kind: Extract<keyof Counts, "noise" | "tokens" | "sequences" | "recordings" | "values" | "changedValues">
  readonly table: 0 | 1
  readonly limits: Partial<Limits>
  readonly bytes: Uint8Array
  readonly constraint: Constraint
  /** What must come out, if nothing was changed. */
  readonly values?: ReadonlyArray<Value>
  /** Goes on drawing. */
  readonly choose: Choose
}

/** Longer ones say nothing new about changes, and take their time. */
const corpus = recorded.filter(({ bytes }) => bytes.length < 1100)

/** Every bound is low for some inputs, so that it is reached. */
const limitsFrom = (choose: Choose): Partial<Limits> => {
  switch (choose(6)) {
    case 0:
      return { body: choose(20) }
    case 1:
      return { depth: 1 + choose(4) }
    case 2:
      return { size: choose(3000) }
    case 3:
      return { references: choose(3) }
    default:
      return {}
  }
}

const noise = (choose: Choose): Uint8Array =>
  Uint8Array.from({ length: choose(64) }, () =>
    choose(3) === 0 ? 0x80 + choose(16) : choose(3) === 0 ? choose(256) : choose(8)
  )

const recording = (choose: Choose): Uint8Array => corpus[choose(corpus.length)]?.bytes ?? new Uint8Array()

/** The same with some of it other, gone, twice, or from elsewhere. */
const changed = (bytes: Uint8Array, choose: Choose): Uint8Array => {
  let all = Array.from(bytes)
  for (let changes = choose(4); changes >= 0; changes--) {
    const at = choose(all.length + 1)
    const length = choose(6)
    switch (choose(6)) {
      case 0:
        all[at] = choose(256)
        break
      case 1:
        all[at] = (all[at] ?? 0) ^ (1 << choose(8))
        break
      case 2:
        all.splice(at, length)
        break
      case 3:
        all.splice(at, 0, ...all.slice(at, at + 2 * length))
        break
      case 4:
        all = all.slice(0, at)
        break
      default: {
        const other = recording(choose)
        const from = choose(other.length + 1)
        all.splice(at, length, ...other.subarray(from, from + choose(40)))
      }
    }
  }
  return Uint8Array.from(all)
}

const written = (choose: Choose, write: (writer: Writer) => void): Uint8Array => {
  const writer = new Writer(choose)
  for (let more = choose(12); more >= 0; more--) write(writer)
  return Uint8Array.from(writer.bytes)
}

/** Limits that values of a few levels do not exceed. */
const roomy = { body: 100_000 }

const sent = (choose: Choose, table: 0 | 1): readonly [ReadonlyArray<Value>, Uint8Array] => {
  const values = Array.from({ length: 1 + choose(2) }, () => value(choose, 20))
  const encoder = new BananaEncoder({ vocabulary: Vocabulary.initial(table) })
  for (const each of values) Result.getOrThrow(encoder.encode(each))
  return [values, Buffer.concat(encoder.take())]
}

/** The input of this seed. */
export const inputOf = (seed: number): Input => {
  const choose = choicesOf(seed)
  const table = choose(4) === 0 ? 0 : 1
  const make = (kind: Input["kind"], bytes: Uint8Array): Input => {
    return { kind, table, limits: limitsFrom(choose), constraint: constraintFrom(choose), bytes, choose }
  }
  switch (choose(16)) {
    case 0:
      return make("noise", noise(choose))
    case 1:
    case 2:
      return make(
        "tokens",
        written(choose, (writer) => writer.any())
      )
    case 3:
    case 4: {
      const [values, bytes] = sent(choose, table)
      return { kind: "values", table, limits: roomy, constraint: any, bytes, values, choose }
    }
    case 5:
    case 6:
      return make("changedValues", changed(sent(choose, table)[1], choose))
    case 7:
    case 8:
    case 9:
    case 10:
      return make("recordings", changed(recording(choose), choose))
    default:
      return make(
        "sequences",
        written(choose, (writer) => writer.item(0))
      )
  }
}
