import { assert, describe, it, vi } from "@effect/vitest"
import * as Limits from "../src/Limits.ts"
import { decoder, heard } from "./Stream.ts"
import { told } from "./Told.ts"
import {
  boolean,
  close,
  dict,
  float,
  frozenset,
  int,
  join,
  list,
  longint,
  longneg,
  neg,
  nested,
  open,
  reference,
  repeat,
  sequence,
  set,
  string,
  text,
  token,
  tuple
} from "./Tokens.ts"

const root = "<RootUnslicer>"
const next = int(9)
const bytesOf = (length: number) => new Uint8Array(length).fill(0x7a)
/** The value of a LONGINT of such bytes. */
const z = (length: number) => BigInt(`0x${"7a".repeat(length)}`)

describe("The limit of a body (B23)", () => {
  const bodies = {
    STRING: [string, 0x82, (length: number) => `b${"7a".repeat(length)}`],
    LONGINT: [longint, 0x85, (length: number) => `${z(length)}n`],
    LONGNEG: [longneg, 0x86, (length: number) => `-${z(length)}n`]
  } as const
  for (const [name, [make, type, valueOf]] of Object.entries(bodies)) {
    it(`is 1000 bytes for a ${name}`, () => {
      assert.deepStrictEqual(heard(join(make(bytesOf(1000)), next)), [valueOf(1000), "9"])
      assert.deepStrictEqual(heard(join(make(bytesOf(1001)), next)), [
        `Violated ${root}: ${name} token too large: 1001>1000`,
        "9"
      ])
    })

    it(`refuses a ${name} by its header, costs the object it is in, and skips the body in any chunks`, () => {
      const decoding = decoder({ limits: { body: 10 } })
      assert.deepStrictEqual(decoding.push(join(open(0, "list"), int(1), token(11, type))).map(told), [
        `Violated ${root}.[1]: ${name} token too large: 11>10`
      ])
      for (const length of [1, 9, 0]) assert.deepStrictEqual(decoding.push(bytesOf(length)), [])
      assert.isFalse(decoding.atBorder)
      assert.deepStrictEqual(decoding.push(join(bytesOf(1), string("kept not"), close(0), next)).map(told), ["9"])
      assert.isTrue(decoding.atBorder)
    })

    it(`refuses a ${name} that is longer than anything, and waits for it in vain`, () => {
      const decoding = decoder({ limits: { body: 2 ** 40 } })
      assert.deepStrictEqual(decoding.push(token(2n ** 448n - 1n, type)).map(told), [
        // The engine has no integers of more than 2^27 bytes.
        `Violated ${root}: ${name} token too large: ${2n ** 448n - 1n}>${name === "STRING" ? 2 ** 40 : 2 ** 27}`
      ])
      assert.deepStrictEqual(decoding.push(join(int(1), close(0), new Uint8Array(70_000))), [])
    })
  }

  it("holds for a text, too", () => {
    const lines = [`Violated ${root}.<unicode>: STRING token too large: 1001>1000`, "9"]
    assert.deepStrictEqual(heard(join(text("a".repeat(1001)), next)), lines)
  })

  it("can be raised, and a body that is only announced still takes no memory", () => {
    const decoders = Array.from({ length: 100 }, () => decoder({ limits: { body: 2 ** 31, size: 2 ** 32 } }))
    const before = process.memoryUsage().arrayBuffers
    for (const decoding of decoders) assert.deepStrictEqual(decoding.push(token(2 ** 31, 0x82)), [])
    // 200 GB were announced; each is given 64 KiB to begin with.
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 100 * 65_536 + 1_000_000)
    for (const decoding of decoders) assert.isFalse(decoding.atBorder)
  })

  it("gives a body at most four times the room that what has come of it takes", () => {
    const decoders = Array.from({ length: 20 }, () => decoder({ limits: { body: 2 ** 30, size: 2 ** 32 } }))
    const begun = new Uint8Array(70_000)
    const before = process.memoryUsage().arrayBuffers
    for (const decoding of decoders) {
      assert.deepStrictEqual(decoding.push(token(2 ** 30, 0x82)), [])
      assert.deepStrictEqual(decoding.push(begun), [])
    }
    // The room that became too small may not have been collected.
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 20 * (4 + 1) * begun.length + 1_000_000)
  })

  it("copies a long body in small pieces little more than once", () => {
    const size = 10_000_000
    const copied = vi.spyOn(Uint8Array.prototype, "set")
    try {
      const decoding = decoder({ limits: { body: size } })
      decoding.push(token(size, 0x82))
      const piece = new Uint8Array(1000)
      for (let come = 0; come < size; come += piece.length) decoding.push(piece)
      assert.isTrue(decoding.atBorder)
      const bytes = copied.mock.calls.reduce((sum, [source]) => sum + source.length, 0)
      assert.isAtLeast(bytes, size)
      assert.isAtMost(bytes, (size * 4) / 3 + piece.length)
    } finally {
      copied.mockRestore()
    }
  })

  it("lets a long body through in pieces, whole", () => {
    const body = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251)
    const cut = function* (bytes: Uint8Array) {
      for (let at = 0; at < bytes.length; at += 7001) yield bytes.subarray(at, at + 7001)
    }
    const hex = Buffer.from(body).toString("hex")
    assert.deepStrictEqual(heard(join(string(body), next), { limits: { body: 300_000 }, cut }), [`b${hex}`, "9"])
  })
})

describe("The limit of depth", () => {
  it("is 1000 sequences, and one more costs the object", () => {
    assert.deepStrictEqual(heard(join(nested(1000), next)), [`${"[".repeat(1000)}${"]".repeat(1000)}`, "9"])
    const lines = heard(join(nested(1001), next))
    assert.deepStrictEqual(lines, [
      `Violated ${root}${".[0]".repeat(1000)}: more than 1000 sequences in one another`,
      "9"
    ])
  })

  it("counts texts and references, which are sequences, too", () => {
    const limits = { depth: 2 }
    const line = `Violated ${root}.[0].[0]: more than 2 sequences in one another`
    assert.deepStrictEqual(heard(join(list(text("a")), next), { limits }), ['["a"]', "9"])
    assert.deepStrictEqual(heard(join(list(list(text("a"))), next), { limits }), [line, "9"])
    assert.deepStrictEqual(heard(join(list(list(reference(0))), next), { limits }), [line, "9"])
  })

  it("ends with the object: the next one has it anew", () => {
    const limits = { depth: 3 }
    assert.deepStrictEqual(heard(join(nested(3), nested(4), nested(3)), { limits }).length, 3)
    assert.strictEqual(heard(join(nested(3), nested(4), nested(3)), { limits }).at(-1), "[[[]]]")
  })

  it("may be exceeded a million times over: what is dropped is only counted", () => {
    assert.strictEqual(heard(repeat(1_000_000, open(0, "list"))).length, 1)
    assert.strictEqual(heard(join(nested(100_000), next)).at(-1), "9")
  })
})

describe("The limit of size", () => {
  const costs: ReadonlyArray<readonly [string, Uint8Array, number]> = [
    ["an INT", int(1), 8],
    ["the last INT of 31 bits", int(2 ** 31 - 1), 8],
    ["an INT of 32 bits", int(2 ** 31), 24],
    ["the last safe INT", int(Number.MAX_SAFE_INTEGER), 24],
    ["an INT beyond it", int(2n ** 53n), 88],
    ["the last NEG of 31 bits", neg(2 ** 31), 8],
    ["a NEG beyond it", neg(2 ** 31 + 1), 24],
    ["a NEG beyond the safe integers", neg(2n ** 53n), 88],
    ["a LONGINT of nine bytes", longint(bytesOf(9)), 217],
    ["a LONGNEG of nine bytes", longneg(bytesOf(9)), 217],
    ["a FLOAT", float(0.5), 40],
    ["a STRING of three bytes", string("abc"), 211],
    ["an empty list", list(), 256],
    ["a boolean", boolean(true), 264],
    ["a text of three bytes", text("abc"), 467],
    ["a tuple of two INTs", tuple(int(1), int(2)), 272]
  ]
  for (const [name, body, cost] of costs) {
    it(`counts ${name} as ${cost} bytes`, () => {
      const size = Limits.sequence + 100 * cost
      const whole = list(repeat(100, body))
      assert.notInclude(heard(whole, { limits: { size } })[0] ?? "", "Violated")
      assert.include(heard(whole, { limits: { size: size - 1 } })[0] ?? "", "an object that takes more than")
    })
  }

  it("counts 96 bytes and the key for an entry of a dict, and for a member of a set", () => {
    // What stands for a number as a key is at least one character.
    const [least, most] = [96 + 1, 96 + 16]
    const members = Array.from({ length: 100 }, (_, at) => int(at))
    const kinds: ReadonlyArray<readonly [Uint8Array, number]> = [
      [dict(...members.map((key) => join(key, int(1)))), 8 + 8],
      [set(...members), 8],
      [frozenset(...members), 8]
    ]
    for (const [whole, parts] of kinds) {
      const size = (entry: number) => Limits.sequence + 100 * (parts + entry)
      assert.include(heard(whole, { limits: { size: size(least) } })[0] ?? "", "an object that takes more than")
      assert.notInclude(heard(whole, { limits: { size: size(most) } })[0] ?? "", "Violated")
    }
  })

  it("is a number from 0, as every limit", () => {
    for (const limits of [{ body: Number.NaN }, { depth: -1 }, { size: Number.NaN }, { references: -0.5 }]) {
      assert.throws(() => decoder({ limits }), RangeError)
    }
    assert.deepStrictEqual(Limits.make({ size: Infinity, depth: 0 }), { ...Limits.defaults, size: Infinity, depth: 0 })
  })

  it("is 64 Mi bytes by default", () => {
    const tuples = (count: number) => list(repeat(count, tuple(int(1), int(2))))
    const most = Math.floor((2 ** 26 - Limits.sequence) / 272)
    assert.deepStrictEqual(
      [tuples(most), tuples(most + 1)].map((whole) => decoder().push(whole)[0]?._tag),
      ["Delivered", "Violated"]
    )
  })

  it("holds for what stands alone, too", () => {
    const decoding = decoder({ limits: { body: 1000, size: 1000 } })
    assert.deepStrictEqual(
      decoding.push(join(string("a".repeat(900)), int(1))).map(({ _tag }) => _tag),
      ["Violated", "Delivered"]
    )
  })

  /** A list of three INTs. */
  const size = Limits.sequence + 3 * Limits.token
  const limits = { size }
  const over = (where: string) => `Violated ${where}: an object that takes more than ${size} bytes`
  const ints = (count: number) => list(repeat(count, int(1)))

  it("holds for one object, and one more token costs it", () => {
    assert.deepStrictEqual(heard(join(ints(3), ints(3), ints(4), next), { limits }), [
      "[1, 1, 1]",
      "[1, 1, 1]",
      over(`${root}.[3]`),
      "9"
    ])
  })

  it("counts the bytes of a body, which is refused by its header", () => {
    const room = { size: Limits.sequence + Limits.token + Limits.string + 10 }
    assert.deepStrictEqual(heard(list(string("x".repeat(10))), { limits: room }), [`[b${"78".repeat(10)}]`])
    const decoding = decoder({ limits: room })
    assert.deepStrictEqual(decoding.push(join(open(0, "list"), token(11, 0x82))).map(told), [
      `Violated ${root}.[0]: an object that takes more than ${room.size} bytes`
    ])
    assert.deepStrictEqual(decoding.push(join(bytesOf(11), close(0), next)).map(told), ["9"])
  })

  it("counts what a word of the table stands for", () => {
    const word = token(7, 0x87)
    const room = { size: Limits.sequence + Limits.token + Limits.string + "immutable-set".length }
    assert.notInclude(heard(list(word), { limits: room })[0] ?? "", "Violated")
    assert.include(heard(list(word), { limits: { size: room.size - 1 } })[0] ?? "", "Violated")
  })

  it("counts sequences for what they take here, so that a few bytes of the wire cannot take many", () => {
    const room = { size: 10 * Limits.sequence }
    assert.notInclude(heard(list(repeat(9, list())), { limits: room })[0] ?? "", "Violated")
    assert.include(heard(list(repeat(10, list())), { limits: room })[0] ?? "", "Violated")
  })

  it("counts keys with all their parts, of which a few bytes of the wire can make many long ones", () => {
    // A tuple of 8000 bytes, and then that tuple and a number, over and over.
    const parts = [tuple(string(bytesOf(1000))), ...[1, 2, 5].map((count) => tuple(reference(count), reference(count)))]
    const key = (n: number) => tuple(reference(8), int(n))
    const keys = Array.from({ length: 300 }, (_, n) => key(n))
    for (const kind of ["dict", "set"]) {
      const body = kind === "set" ? keys : keys.flatMap((each) => [each, int(0)])
      const whole = list(...parts, sequence(kind, ...body))
      assert.isBelow(whole.length, 20_000)
      const lines = heard(join(whole, next), { limits: { size: 1_000_000 } })
      assert.match(lines[0] ?? "", /an object that takes more than 1000000 bytes$/)
      assert.deepStrictEqual(lines.slice(1), ["9"])
      assert.notMatch(heard(whole, { limits: { size: 10_000_000 } })[0] ?? "", /^(?:Violated|Failed)/)
    }
  })

  it("counts the keys of tuples in tuples, which take time and are kept, but each once", () => {
    // 8000 bytes, and a hundred tuples in one another around them, each with a number beside the next.
    const parts = [tuple(...Array.from({ length: 8 }, () => string(bytesOf(1000))))]
    for (let at = 0; at < 100; at++) parts.push(tuple(reference(at === 0 ? 1 : 2 * at), int(at)))
    const deep = reference(200)
    const size = (...members: ReadonlyArray<Uint8Array>) => {
      const whole = list(...parts, set(...members))
      assert.isBelow(whole.length, 20_000)
      const fits = (limit: number) => !(heard(whole, { limits: { size: limit } })[0] ?? "").startsWith("Violated")
      let [least, most] = [0, 2 ** 26]
      while (least + 1 < most) {
        const middle = (least + most) >> 1
        if (fits(middle)) most = middle
        else least = middle
      }
      return most
    }
    const [none, one] = [size(), size(deep)]
    assert.isAbove(one - none, 100 * 8000)
    const many = Array.from({ length: 100 }, (_, n) => tuple(deep, int(n)))
    // Of each of these only its own key is new.
    assert.isAbove(size(...many) - one, 100 * 8000)
    assert.isBelow(size(...many) - one, 100 * 11_000)
  })

  it("counts an immutable set for each reference to it, since that is how often it is sent back", () => {
    const members = Array.from({ length: 1000 }, (_, at) => int(at))
    const many = (kind: string, count: number) => list(sequence(kind, ...members), repeat(count, reference(1)))
    assert.isBelow(many("immutable-set", 1000).length, 30_000)
    const heardOf = (bytes: Uint8Array) => heard(bytes, { limits: { size: 10_000_000 } })[0] ?? ""
    assert.notMatch(heardOf(many("set", 1000)), /^(?:Violated|Failed)/)
    assert.notMatch(heardOf(many("immutable-set", 50)), /^(?:Violated|Failed)/)
    assert.match(heardOf(many("immutable-set", 1000)), /an object that takes more than 10000000 bytes$/)
  })

  it("does not count values at the top, which are delivered one by one", () => {
    assert.deepStrictEqual(new Set(heard(repeat(500, int(1)), { limits })), new Set(["1"]))
  })
})

describe("The limit of references", () => {
  const references = (count: number) => list(repeat(count, reference(0)))

  it("holds for one object, and one more costs it", () => {
    const limits = { references: 3 }
    const second = list(repeat(3, reference(4)))
    assert.deepStrictEqual(heard(join(references(3), second, references(4), next), { limits }), [
      "[#0, #0, #0]",
      "[#0, #0, #0]",
      `Failed ${root}.[0].??: dangling reference '0'`
    ])
    assert.deepStrictEqual(heard(join(references(4), next), { limits }), [
      `Violated ${root}.[3].??: more than 3 references`,
      "9"
    ])
  })

  it("is 100,000 by default", () => {
    assert.notMatch(heard(references(100_000))[0] ?? "", /^Violated/)
    assert.strictEqual(heard(references(100_001))[0], `Violated ${root}.[100000].??: more than 100000 references`)
  })
})
