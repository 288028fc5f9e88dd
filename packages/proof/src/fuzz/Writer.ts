/** Tokens one behind the other, right or wrong. */
import type { Choose } from "../../../banana/test/Values.ts"

const kinds = ["list", "tuple", "dict", "set", "immutable-set", "unicode", "boolean", "none", "decimal", "reference"]
const wrongKinds = [
  "call",
  "copyable",
  "attrdict",
  "set-vocab",
  "add-vocab",
  "",
  "a kind that is too long",
  "bog'us\u00e9"
]
const decimals = ["0", "1", "1.50", "-0.0", "1E+3", " 1_0.5 ", "NaN", "sNaN", "-inf", "1e-400", "abc", "1.2.3", ""]
const types = [0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8d, 0x8e, 0x8f]

/** Writes what a choice says, into an array that grows. */
export class Writer {
  readonly bytes: Array<number> = []
  private readonly choose: Choose
  private opens = 0

  constructor(choose: Choose) {
    this.choose = choose
  }

  private one<A>(choices: ReadonlyArray<A>): A {
    return choices[this.choose(choices.length)] as A // never empty
  }

  token(number: number, type: number): void {
    let rest = number
    // Nobody has to write a zero, or as few digits as possible.
    if (rest > 0 || this.choose(4) > 0) {
      for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.bytes.push(rest % 128)
      this.bytes.push(rest)
      if (this.choose(40) === 0) this.bytes.push(0, 0)
    }
    this.bytes.push(type)
  }

  private random(length: number): void {
    for (let at = 0; at < length; at++) this.bytes.push(this.choose(256))
  }

  private text(text: string): void {
    const bytes = Buffer.from(text)
    this.token(bytes.length, 0x82)
    this.bytes.push(...bytes)
  }

  /** A type byte and a header, and a body if it has one, of whatever length it says or not. */
  any(): void {
    const type = this.choose(30) === 0 ? 0x80 + this.choose(128) : this.one(types)
    const small = this.choose(this.one([2, 5, 20]))
    const number = this.choose(20) === 0 ? 2 ** this.choose(100) : small
    if (type === 0x82 && this.choose(2) === 0) return this.text(this.one([...kinds, ...decimals]))
    if (this.choose(200) === 0) this.random(60 + this.choose(10))
    this.token(number, type)
    if (type === 0x84) this.random(8)
    else if (type === 0x82 || type === 0x85 || type === 0x86 || type === 0x8d) this.random(small)
  }

  /** What could stand in most places. */
  private simple(): void {
    switch (this.choose(8)) {
      case 0:
        return this.token(this.choose(3), 0x81)
      case 1:
        return this.token(2 ** this.choose(60), this.one([0x81, 0x83]))
      case 2: {
        const length = this.choose(10)
        this.token(length, this.one([0x85, 0x86]))
        return this.random(length)
      }
      case 3: {
        this.token(0, 0x84)
        const bytes = Buffer.alloc(8)
        bytes.writeDoubleBE(this.one([0, -0, 1, 0.5, 1e300, NaN, Infinity]))
        return void this.bytes.push(...bytes)
      }
      case 4:
        return this.token(this.choose(this.choose(50) === 0 ? 40 : 25), 0x87)
      default:
        return this.text(this.one(["a", "b", "list", "1", "x".repeat(this.choose(60))]))
    }
  }

  private open(kind: string): number {
    const number = this.choose(10) === 0 ? this.choose(1000) : this.opens
    this.opens++
    this.token(number, 0x88)
    if (this.choose(100) === 0) this.mistake()
    const index = words.indexOf(kind)
    if (index >= 0 && this.choose(3) > 0) this.token(index, 0x87)
    else this.text(kind)
    return number
  }

  /** A sequence with children that its kind takes, or nearly. */
  sequence(depth: number): void {
    const kind = this.choose(depth === 0 ? 20 : 60) === 0 ? this.one(wrongKinds) : this.one(kinds)
    const number = this.open(kind)
    switch (kind) {
      case "boolean":
        this.token(this.choose(3), 0x81)
        break
      case "none":
        break
      case "unicode":
        if (this.choose(20) === 0) {
          const length = this.choose(4)
          this.token(length, 0x82)
          this.random(length)
        } else this.text(this.one(["", "a", "\u00e9", "\u{1f600}", "list"]))
        break
      case "decimal":
        this.text(this.one(decimals))
        break
      case "reference":
        this.token(this.choose(this.opens), 0x81)
        break
      case "set-vocab":
      case "add-vocab":
        for (let words = kind === "add-vocab" ? 1 : this.choose(6); words > 0; words--) {
          this.token(this.choose(12), 0x81)
          if (this.choose(20) > 0) this.text(this.one(["zero", "list", "none", "x".repeat(101)]))
          else if (this.choose(2) > 0) this.bytes.push(1, 0x82, 0xff)
        }
        break
      default:
        for (let more = this.choose(depth > 4 ? 2 : 6); more > 0; more--) this.item(depth + 1)
    }
    if (this.choose(60) === 0) this.mistake()
    if (this.choose(200) > 0) this.token(number, 0x89)
  }

  item(depth: number): void {
    if (this.choose(150) === 0) this.mistake()
    if (this.choose(2) === 0) this.sequence(depth)
    else this.simple()
  }

  private mistake(): void {
    switch (this.choose(8)) {
      case 0:
        return this.token(this.opens, 0x8a)
      case 1:
      case 2:
        return this.token(this.choose(200), this.one([0x8e, 0x8f]))
      case 3:
        return this.token(this.choose(3), 0x89)
      case 4:
        return this.sequence(5)
      case 5:
        return this.simple()
      default:
        return this.any()
    }
  }
}

/** The words of table 1 that are kinds here. */
const words = "none boolean reference dict list tuple set immutable-set unicode set-vocab add-vocab call".split(" ")
