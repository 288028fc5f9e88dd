import { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
import { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import type { Value } from "@effect-foolscap/banana/value/Value"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { inspect } from "node:util"
import type { Dice } from "../../proof/src/simulate/Dice.ts"
import { limits } from "../src/BananaHappening.ts"
import { fromValue, toValue } from "../src/BananaConversion.ts"
import { canonical, type Description, some } from "../src/BananaDescription.ts"
import * as BananaPeer from "../src/BananaPeer.ts"
import { rounds, timeout } from "../src/BananaRounds.ts"
import * as BananaValues from "../src/BananaValues.ts"
import { describeWith } from "../src/Requirements.ts"

const usual = 2500

/** Some values in a row, and where the bytes of them are cut, in thousandths. */
interface Stream {
  readonly values: ReadonlyArray<Description>
  readonly cuts: ReadonlyArray<number>
}

const draw = (dice: Dice): Stream => ({
  values: Array.from({ length: dice.one([1, 1, 1, 2, 3]) }, () =>
    dice.chance(0.002) ? BananaValues.drawMany(dice) : BananaValues.draw(dice)
  ),
  cuts: Array.from({ length: dice.one([0, 0, 1, 2, 10]) }, () => dice.between(0, 999)).sort((a, b) => a - b)
})

const cutsOf = ({ cuts }: Stream, length: number) => cuts.map((cut) => Math.floor((cut * length) / 1000))

/** What we send for each of these, on one connection. */
const encode = (table: 0 | 1, values: ReadonlyArray<Value>): ReadonlyArray<string> => {
  const encoder = new BananaEncoder({ vocabulary: Vocabulary.initial(table) })
  return values.map((value) => {
    const encoded = encoder.encode(value)
    const hex = Buffer.concat(encoder.take()).toString("hex")
    return Result.isSuccess(encoded) ? hex : encoded.failure.message
  })
}

/** What we make of these bytes, which are values and nothing else. What is none is told as text, which is not what was sent. */
const decode = (table: 0 | 1, hex: string, cuts: ReadonlyArray<number>): ReadonlyArray<Value> => {
  const bytes = Buffer.from(hex, "hex")
  const decoder = new BananaDecoder({ vocabulary: Vocabulary.initial(table), limits })
  return [0, ...cuts].flatMap((start, at) =>
    decoder
      .push(bytes.subarray(start, cuts[at]))
      .map((received) => (received._tag === "Delivered" ? received.value : inspect(received)))
  )
}

const textOf = (value: Value) => canonical(fromValue(value))

/** The order of several members is Foolscap's own, and so are the bytes. */
const hasMembers = (description: Description) =>
  some(description, (part) => "items" in part && part.type.endsWith("set") && part.items.length > 1)

const readIn = (events: ReadonlyArray<BananaPeer.Event>): string =>
  events
    .filter((event) => !("waiting" in event))
    .map((event) => ("delivered" in event ? canonical(event.delivered) : JSON.stringify(event)))
    .join()

/** What is wrong with one stream: what we send for it, what Foolscap sends, and what it reads of ours, as it is and mended. */
const judge = (
  table: 0 | 1,
  stream: Stream,
  ours: ReadonlyArray<string>,
  theirs: ReadonlyArray<BananaPeer.Sent>,
  output: ReadonlyArray<BananaPeer.Event>,
  mended: ReadonlyArray<BananaPeer.Event>
): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const claim = (is: boolean, text: string) => void (is || wrong.push(text))
  const expected = stream.values.map((value) => textOf(toValue(value)))
  const sent = theirs.map(({ failed, hex }) => failed?.text ?? hex)
  stream.values.forEach((value, at) => {
    claim(ours[at] === sent[at] || hasMembers(value), `we send ${ours[at]}, Foolscap ${sent[at]}`)
  })

  const bytes = sent.join("")
  const values = decode(table, bytes, cutsOf(stream, bytes.length / 2))
  const here = values.map(textOf)
  claim(here.join() === expected.join(), `we read ${here.join()} for ${bytes}, which is ${expected.join()}`)
  const again = encode(table, values)
  claim(again.join() === sent.join(), `we read ${bytes} and send ${again.join("")}`)

  const read = readIn(output)
  claim(
    read === expected.join() || (read !== readIn(mended) && readIn(mended) === expected.join()),
    `Foolscap reads ${read} for ${ours.join("")}, which is ${expected.join()}`
  )
  return wrong
}

describeWith(["python3-foolscap"], "Values by chance", () => {
  for (const table of [0, 1] as const) {
    it.live(
      `are the same bytes here and in Foolscap, and the same values again on either side, with vocabulary ${table}`,
      () =>
        Effect.gen(function* () {
          const foolscap = yield* BananaPeer.start
          yield* rounds(usual, draw, (streams) =>
            Effect.gen(function* () {
              const described = streams.map(({ values }) => values)
              const ours = described.map((values) => encode(table, values.map(toValue)))
              const inputs = streams.map((stream, at) => {
                const hex = ours[at]?.join("") ?? ""
                return { table, hex, cuts: cutsOf(stream, hex.length / 2) }
              })
              const theirs = yield* foolscap.encode(table, described)
              const outputs = yield* foolscap.decode(inputs)
              const mended = yield* foolscap.decode(inputs, "mended")
              return streams.map((stream, at) => {
                const [here = [], there = []] = [ours[at], theirs[at]]
                return judge(table, stream, here, there, outputs[at] ?? [], mended[at] ?? [])
              })
            })
          )
        }),
      timeout(usual)
    )
  }
})
