import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { BananaEncoder } from "../src/BananaEncoder.ts"
import type { Received } from "../src/Received.ts"
import { Vocabulary } from "../src/wire/Vocabulary.ts"
import { recorded } from "./golden/Recorded.ts"
import { cutBy, decoder, heard, Lengths, receive, roomy, valueIn } from "./Stream.ts"
import { told } from "./Told.ts"
import { close, error, float, fromHex, int, join, open, ping, reference, string, token, vocab } from "./Tokens.ts"

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

/** Any bytes at all, and those that begin something. */
const noise = Arbitrary.map(
  Arbitrary.schema(
    Schema.Array(Schema.Union([Byte, Schema.Literals([0, 1, 0x81, 0x82, 0x85, 0x87, 0x88, 0x89, 0x8a])]))
  ),
  (bytes) => Uint8Array.from(bytes)
)

const kinds = ["list", "tuple", "dict", "set", "immutable-set", "unicode", "boolean", "none", "decimal", "reference"]

const pieces: ReadonlyArray<Uint8Array> = [
  ...kinds.map((kind) => open(0, kind)),
  ...kinds.map((kind) => open(0, kind)),
  ...Array.from({ length: 12 }, () => close(0)),
  int(0),
  int(1),
  int(40),
  token(1, 0x83),
  token(0, 0x88),
  token(0, 0x8a),
  float(1),
  float(NaN),
  string("a"),
  string("1.0"),
  string("list"),
  fromHex("028580"),
  fromHex("0186"),
  vocab(4),
  vocab(99),
  reference(0),
  reference(3),
  ping(1),
  error("no"),
  open(0, "set-vocab"),
  open(0, "add-vocab"),
  open(0, "bogus"),
  fromHex("90")
]

/** Tokens in any order. */
const tokens = Arbitrary.map(Arbitrary.array(Arbitrary.schema(Schema.Literals([...pieces.keys()]))), (chosen) =>
  join(...chosen.map((each) => pieces[each] ?? int(0)))
)

const Change = Schema.Tuple([Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 })), Byte])

/** A recorded stream, some of whose bytes are others now. */
const mutated = Arbitrary.map(
  Arbitrary.schema(Schema.Tuple([Schema.Literals([...recorded.keys()]), Schema.Array(Change)])),
  ([any, changes]) => {
    const bytes = (recorded[any]?.bytes ?? new Uint8Array()).slice(0, 2000)
    for (const [at, byte] of changes) bytes[at % Math.max(1, bytes.length)] = byte
    return bytes
  }
)

const isLast = ({ _tag }: Received): boolean => _tag === "Failed" || _tag === "PeerError"

describe("BananaDecoder", () => {
  it("keeps no more than the bytes themselves, and none that it was given", () => {
    for (const length of [0, 10, 65_536, 200_000]) {
      const stream = string(Uint8Array.from({ length }, (_, at) => at))
      const decoding = decoder({ limits: { body: length } })
      const [delivered] = [stream.slice(0, 7), stream.slice(7)].flatMap((chunk) => {
        const received = decoding.push(chunk)
        chunk.fill(0xff)
        return received
      })
      const bytes = delivered?._tag === "Delivered" ? delivered.value : undefined
      assert.instanceOf(bytes, Uint8Array)
      assert.deepStrictEqual([...bytes], [...Uint8Array.from({ length }, (_, at) => at)])
      assert.strictEqual(bytes.buffer.byteLength, length)
    }
  })

  const inputs = { "any bytes": noise, "any tokens": tokens, "a recorded stream with other bytes": mutated }
  for (const [name, input] of Object.entries(inputs)) {
    it.prop(
      `makes the same of ${name}, however they are cut, and an end of it is the last`,
      [input, Lengths],
      ([bytes, lengths]) => {
        const received = receive(bytes, { limits: roomy })
        assert.deepStrictEqual(received.map(told), heard(bytes, { limits: roomy, cut: cutBy(lengths) }))
        const end = received.findIndex(isLast)
        assert.isTrue(end === -1 || end === received.length - 1)
      },
      { arbitrary: { runs: 1000 } }
    )

    it.prop(
      `delivers of ${name} only what can be sent again, and then comes back the same`,
      [input],
      ([bytes]) => {
        for (const each of receive(bytes)) {
          if (each._tag !== "Delivered") continue
          const encoder = new BananaEncoder({ vocabulary: Vocabulary.foolscap })
          if (Result.isFailure(encoder.encode(each.value))) assert.fail(`cannot send ${told(each)}`)
          assert.strictEqual(told({ _tag: "Delivered", value: valueIn(join(...encoder.take())) }), told(each))
        }
      },
      { arbitrary: { runs: 1000 } }
    )
  }

  it("hands over what it will not change any more", () => {
    const decoding = decoder()
    const nothing = decoding.push(Uint8Array.of(5))
    const five = decoding.push(Uint8Array.of(0x81))
    decoding.push(int(6))
    assert.deepStrictEqual([nothing, five.map(told)], [[], ["5"]])
  })

  it("keeps no part of a chunk: whoever pushed it may write over it", () => {
    const decoding = decoder()
    const bytes = join(string("abc"), open(0, "list"), string("abc"), close(0))
    const received = decoding.push(bytes)
    bytes.fill(0)
    assert.deepStrictEqual(received.map(told), ["b616263", "[b616263]"])
  })

  it("takes Node's Buffers, and does not keep a part of them either", () => {
    const decoding = decoder()
    const bytes = Buffer.from(join(string("abc"), string("x".repeat(100))))
    const received = decoding.push(bytes)
    bytes.fill(0)
    assert.deepStrictEqual(received.map(told), ["b616263", `b${"78".repeat(100)}`])
  })

  it("takes chunks of nothing", () => {
    const decoding = decoder()
    for (const byte of [5, 0x82, ...Buffer.from("hello")]) {
      assert.deepStrictEqual(decoding.push(new Uint8Array()), [])
      if (byte !== 0x6f) assert.deepStrictEqual(decoding.push(Uint8Array.of(byte)), [])
    }
    assert.deepStrictEqual(decoding.push(Uint8Array.of(0x6f)).map(told), ["b68656c6c6f"])
  })

  it("is independent of others", () => {
    const [one, other] = [decoder(), decoder()]
    one.push(join(open(0, "list"), string("a")))
    assert.deepStrictEqual(other.push(int(5)).map(told), ["5"])
    assert.deepStrictEqual(one.push(close(0)).map(told), ["[b61]"])
  })
})
