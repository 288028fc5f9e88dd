/**
 * BananaSimple: values that hold no others, drawn by chance, with a liking for what lies at a border.
 */
import type { Dice } from "../../proof/src/simulate/Dice.ts"
import type { Description } from "./BananaDescription.ts"

/** Draws a value. */
export type Draw = (dice: Dice) => Description

/** What is worth sending as bytes, because it is a word of the vocabulary or nearly one. */
const words = ["none", "list", "reference", "call", "attrdict", "set-vocab", "decimal", "lis", "list ", "LIST"]

const hexOf = (text: string) => Buffer.from(text).toString("hex")

/** An integer near a power of two, or any other. */
const int: Draw = (dice) => {
  const sign = dice.chance(0.5) ? 1n : -1n
  const near = BigInt(dice.between(-2, 2))
  const magnitude = dice.chance(0.5)
    ? (1n << BigInt(dice.one([0, 7, 8, 14, 30, 31, 32, 40, 52, 53, 54, 63, 64, 448, dice.between(0, 80)]))) + near
    : dice.chance(0.1)
      ? BigInt(`0x${randomHex(dice, dice.between(1, 60))}`)
      : BigInt(dice.between(0, 300))
  return { type: "int", value: (sign * magnitude).toString() }
}

const randomHex = (dice: Dice, bytes: number): string => {
  let hex = ""
  for (let at = 0; at < bytes; at++) hex += dice.between(0, 255).toString(16).padStart(2, "0")
  return hex
}

const doubles = [
  "0000000000000000", // 0.0
  "8000000000000000", // -0.0
  "7ff0000000000000", // inf
  "fff0000000000000", // -inf
  "0000000000000001", // the smallest
  "000fffffffffffff", // the largest denormal
  "0010000000000000", // the smallest normal
  "7fefffffffffffff", // the largest
  "3ff0000000000000", // 1.0
  "bff0000000000000", // -1.0
  "41e0000000000000", // 2 ** 31
  "433fffffffffffff", // 2 ** 53 - 1
  "4340000000000000", // 2 ** 53
  "43e0000000000000", // 2 ** 63
  "3fb999999999999a" // 0.1
]

const nan: Description = { type: "float", hex: "7ff8000000000000" }

/** Whether it is a NaN, of any kind. */
export const isNaN = (drawn: Description): boolean =>
  drawn === nan || ("type" in drawn && drawn.type === "decimal" && drawn.value.includes("NaN"))

/** Never NaN: that is no key to look for. */
const float: Draw = (dice) => {
  if (dice.chance(0.5)) return { type: "float", hex: dice.one(doubles) }
  const bytes = Buffer.alloc(8)
  if (dice.chance(0.5)) bytes.writeDoubleBE(dice.between(-1000, 1000) / dice.one([1, 2, 8, 10]))
  else bytes.write(randomHex(dice, 8), "hex")
  return { type: "float", hex: Number.isNaN(bytes.readDoubleBE()) ? "3ff8000000000000" : bytes.toString("hex") }
}

/** Bytes, some of them words of the vocabulary. */
export const bytes: Draw = (dice) => ({
  type: "bytes",
  hex: dice.chance(0.3)
    ? hexOf(dice.one(words))
    : randomHex(dice, dice.one([0, 1, 2, dice.between(0, 20), 127, 128, 129]))
})

const characters = Array.from(
  "abzAZ09 _'\"\\\n\r\t\0\x01\x7f\x80\x9f\u00a0\u00ad\u00e9\u00ff\u0301\u07ff\u0800\u2028\u2029" +
    "\ud7ff\ue000\ufeff\uff5e\ufffd\ufffe\uffff\u{10000}\u{1f600}\u{10ffff}"
)

/** Text without surrogates. */
export const text: Draw = (dice) => {
  if (dice.chance(0.2)) return { type: "text", value: dice.one(words) }
  const length = dice.one([0, 1, 2, dice.between(0, 12), 50])
  return { type: "text", value: Array.from({ length }, () => dice.one(characters)).join("") }
}

const specials = ["NaN", "-NaN", "NaN123", "sNaN", "-sNaN7"]

const digits = (dice: Dice): string =>
  Array.from({ length: dice.one([1, 1, 2, 3, dice.between(1, 40)]) }, () => dice.between(0, 9)).join("")

/** One that can be compared. */
const decimal: Draw = (dice) => {
  const sign = dice.one(["", "", "-"])
  if (dice.chance(0.05)) return { type: "decimal", value: `${sign}Infinity` }
  const fraction = dice.chance(0.5) ? `.${digits(dice)}` : ""
  const exponent = dice.one([0, 0, -7, -6, -5, 1, 6, 7, dice.between(-30, 30), 1000, -1000])
  return { type: "decimal", value: `${sign}${digits(dice)}${fraction}E${exponent}` }
}

const boolean: Draw = (dice) => ({ type: "boolean", value: dice.chance(0.5) })

/** None. */
export const none: Draw = () => ({ type: "none" })

/** A number that can be compared with others. */
export const number: Draw = (dice) => dice.one([int, int, float, boolean, decimal])(dice)

/** Any of them. */
export const simple: Draw = (dice) =>
  dice.one<Draw>([
    int,
    int,
    float,
    bytes,
    bytes,
    text,
    text,
    boolean,
    none,
    decimal,
    () => nan,
    (from) => ({ type: "decimal", value: from.one(specials) })
  ])(dice)
