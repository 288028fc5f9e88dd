/**
 * BananaTokens: streams drawn by chance, token by token, with now and then one that does not belong there.
 */
import * as TokenType from "@effect-foolscap/banana/wire/TokenType"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import type { Dice } from "../../proof/src/simulate/Dice.ts"

const { ABORT, CLOSE, ERROR, FLOAT, INT, LIST, LONGINT, LONGNEG, NEG, OPEN, PING, PONG, STRING, VOCAB } = TokenType

const containers = ["list", "tuple", "set", "immutable-set", "dict"] as const
const leaves = ["none", "boolean", "unicode", "decimal"] as const
const vocabularies = ["set-vocab", "add-vocab"] as const
const unknown = ["bogus", "copyable", "instance", "attrdict", "call", "", "x".repeat(13), "x".repeat(14), "\xff"]

const decimals = [
  "1.50",
  "0",
  "-0",
  "1E+5",
  "NaN",
  "sNaN",
  "-Infinity",
  " 1.5 ",
  "1_000",
  "x",
  "",
  "1e",
  "1_e_5",
  "1\x1f",
  "\xef\xbb\xbf1"
]
const texts = [
  "",
  "a",
  "list",
  "\xc3\xa9",
  "\xf0\x9f\x98\x80",
  "\xef\xbb\xbf",
  "\0",
  "'",
  "\xff",
  "\xed\xa0\x80",
  "\xc3"
]

/** What is in a number's digits, as short as it goes. */
const digits = (number: number): Array<number> => {
  const all = [number % 128]
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) all.push(rest % 128)
  return all
}

/** Draws one stream. */
export class TokenDrawing {
  private readonly dice: Dice
  private readonly table: 0 | 1
  private readonly bytes: Array<number> = []
  /** How many OPENs there are so far. */
  private opens = 0
  /** How likely it is, at any place, that something comes which does not belong there. */
  private readonly disorder: number

  constructor(dice: Dice, table: 0 | 1) {
    this.dice = dice
    this.table = table
    this.disorder = dice.one([0, 0.01, 0.03, 0.1])
  }

  stream(): Array<number> {
    const { dice } = this
    for (let objects = dice.between(1, 4); objects > 0; objects--) this.item(dice.between(0, 5), true)
    if (dice.chance(0.5)) this.token(INT, 9)
    return this.bytes
  }

  /** Any tokens, one after the other. */
  tokens(): Array<number> {
    for (let tokens = this.dice.between(1, 30); tokens > 0; tokens--) {
      if (this.dice.chance(0.3)) this.open(this.dice.one([...containers, ...leaves, ...vocabularies, ...unknown]))
      else if (this.dice.chance(0.2)) this.token(CLOSE, this.dice.between(0, Math.max(0, this.opens - 1)))
      else if (this.dice.chance(0.1)) this.intrude()
      else this.simple()
    }
    return this.bytes
  }

  private token(type: number, number: number, body: ReadonlyArray<number> = []): void {
    const header = this.dice.chance(0.02) ? [...digits(number), 0, 0] : digits(number)
    if (number !== 0 || this.dice.chance(0.9)) this.bytes.push(...header)
    this.bytes.push(type, ...body)
  }

  private string(text: string): void {
    const body = [...Buffer.from(text, "latin1")]
    const word = this.table === 1 ? Vocabulary.foolscap.numberOf(text) : undefined
    if (word !== undefined && this.dice.chance(0.8)) this.token(VOCAB, word)
    else this.token(STRING, body.length, body)
  }

  private item(depth: number, top = false): void {
    if (this.dice.chance(this.disorder)) this.intrude()
    if (depth === 0 || this.dice.chance(top ? 0.1 : 0.4)) this.simple()
    else this.sequence(depth)
  }

  /** What may be a key. */
  private key(depth: number): void {
    const { dice } = this
    if (dice.chance(this.disorder)) return this.item(depth)
    if (dice.chance(0.6)) return this.simple()
    if (depth > 1 && dice.chance(0.5)) return this.sequenceOf(dice.one(["tuple", "immutable-set"]), depth)
    this.sequenceOf(dice.one(leaves), depth)
  }

  private simple(): void {
    const { dice } = this
    const body = () => Array.from({ length: dice.one([0, 1, 1, 2, 4, 8]) }, () => dice.one([0, 1, 127, 128, 255]))
    switch (dice.between(0, 9)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.token(INT, dice.one([0, 1, 1, 2, 127, 128, 2 ** 31, dice.between(0, 2 ** 40)]))
      case 4:
        return this.token(NEG, dice.one([0, 1, 2 ** 31, dice.between(0, 2 ** 40)]))
      case 5: {
        const bytes = body()
        return this.token(dice.one([LONGINT, LONGNEG]), bytes.length, bytes)
      }
      case 6: {
        const double = Buffer.alloc(8)
        double.writeDoubleBE(dice.one([0, -0, 1, 2.5, 1e22, 1e-7, NaN, Infinity, 1 / 3]))
        if (dice.chance(0.1)) this.bytes.push(dice.between(0, 127))
        this.bytes.push(FLOAT, ...double)
        return
      }
      case 7:
        return this.token(VOCAB, dice.chance(0.95) && this.table === 1 ? dice.between(0, 24) : dice.between(0, 40))
      default:
        return this.string(dice.one([...texts, "key", "decimal", "1.5"]))
    }
  }

  private open(kind: string): number {
    const number = this.dice.chance(0.01) ? this.dice.between(0, 300) : this.opens
    this.opens++
    this.token(OPEN, number)
    if (this.dice.chance(this.disorder)) this.intrude()
    this.string(kind)
    return number
  }

  private sequence(depth: number): void {
    const { dice } = this
    if (dice.chance(this.disorder)) return this.sequenceOf(dice.one([...unknown, ...vocabularies]), depth)
    if (this.opens > 0 && dice.chance(0.15)) return this.sequenceOf("reference", depth)
    this.sequenceOf(dice.chance(0.7) ? dice.one(containers) : dice.one(leaves), depth)
  }

  private sequenceOf(kind: string, depth: number): void {
    const { dice } = this
    const number = this.open(kind)
    if (dice.chance(this.disorder)) this.several(() => this.item(depth - 1))
    else this.body(kind, depth)
    if (dice.chance(this.disorder)) this.intrude()
    if (dice.chance(this.disorder / 2)) return
    this.token(CLOSE, number)
  }

  private several(draw: () => void): void {
    for (let left = this.dice.one([0, 1, 2, 3, this.dice.between(0, 6)]); left > 0; left--) draw()
  }

  private body(kind: string, depth: number): void {
    const { dice } = this
    switch (kind) {
      case "none":
        return
      case "boolean":
        return this.token(INT, dice.one([0, 1, 1, 2]))
      case "unicode":
        return this.string(dice.one(dice.chance(this.disorder) ? texts : texts.slice(0, 8)))
      case "decimal":
        return this.string(dice.one(dice.chance(this.disorder) ? decimals : decimals.slice(0, 9)))
      case "reference":
        // Mostly something near, which is more likely to be in the same object.
        return this.token(INT, Math.max(0, this.opens - dice.one([2, 2, 3, 4, 5, dice.between(0, 12)])))
      case "dict":
        return this.several(() => {
          this.key(depth - 1)
          this.item(depth - 1)
        })
      case "set":
      case "immutable-set":
        return this.several(() => this.key(depth - 1))
      case "add-vocab":
      case "set-vocab":
        return this.several(() => {
          this.token(INT, dice.between(0, 30))
          this.token(STRING, 3, [...Buffer.from(dice.one(["abc", "xyz", "\xff\0a"]), "latin1")])
        })
      default:
        return this.several(() => this.item(depth - 1))
    }
  }

  /** Something that does not belong there. */
  private intrude(): void {
    const { dice } = this
    const number = dice.one([0, 1, this.opens, Math.max(0, this.opens - 1), dice.between(0, 200)])
    switch (dice.between(0, 11)) {
      case 0:
      case 1:
        return this.token(ABORT, number)
      case 2:
        return this.token(PING, number)
      case 3:
        return this.token(PONG, number)
      case 4:
        return this.token(CLOSE, number)
      case 5:
        this.opens++
        return this.token(OPEN, number)
      case 6:
        return this.token(dice.one([LIST, 0x8b, 0x8c, 0x90, 0xff]), number)
      case 7:
        return this.token(ERROR, 4, [...Buffer.from("over")])
      case 8:
        return this.token(ERROR, dice.one([1000, 1001, 5]))
      case 9:
        for (let left = dice.between(60, 66); left > 0; left--) this.bytes.push(dice.one([0, 127]))
        return
      case 10:
        return this.token(dice.one([STRING, LONGINT, LONGNEG]), dice.one([14, 101, 1001, 2 ** 31, 2 ** 52]))
      default:
        return this.simple()
    }
  }
}
