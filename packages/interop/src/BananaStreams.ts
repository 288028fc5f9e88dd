/**
 * BananaStreams: bytes to receive, drawn by chance. Some are what a peer could send, most are nearly that: a token that does
 * not belong there, a number that does not fit, a byte that was changed.
 */
import { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import * as TokenType from "@effect-foolscap/banana/wire/TokenType"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import type { Dice } from "../../proof/src/simulate/Dice.ts"
import { toValue } from "./BananaConversion.ts"
import { TokenDrawing } from "./BananaTokens.ts"
import * as BananaValues from "./BananaValues.ts"

const { ABORT, CLOSE, ERROR, FLOAT, INT, LONGINT, LONGNEG, NEG, OPEN, PING, STRING, VOCAB } = TokenType

/** What we send for some values. */
const sent = (dice: Dice, table: 0 | 1): Array<number> => {
  const encoder = new BananaEncoder({ vocabulary: Vocabulary.initial(table) })
  for (let left = dice.between(1, 3); left > 0; left--) encoder.encode(toValue(BananaValues.draw(dice)))
  return [...Buffer.concat(encoder.take())]
}

/** A few changes, anywhere. */
const mutate = (dice: Dice, bytes: Array<number>): Array<number> => {
  for (let left = dice.one([1, 1, 2, 3, 8]); left > 0; left--) {
    const at = dice.between(0, bytes.length)
    const part = bytes.slice(at, at + dice.between(1, 12))
    const types = [INT, STRING, NEG, LONGINT, VOCAB, OPEN, CLOSE, ABORT, PING, dice.between(0x80, 0xff)]
    const change = dice.one([
      () => bytes.splice(at, 1, dice.between(0, 255)),
      () => bytes.splice(at, 1, dice.one(types)),
      () => bytes.splice(at, 0, dice.one(types)),
      () => bytes.splice(at, 0, dice.between(0, 127)),
      () => bytes.splice(at, part.length),
      () => bytes.splice(dice.between(0, bytes.length), 0, ...part),
      () => bytes.splice(at)
    ])
    change()
  }
  return bytes
}

/** One stream. */
export const draw = (dice: Dice, table: 0 | 1): Uint8Array => {
  const kind = dice.between(0, 99)
  if (kind < 10) return Uint8Array.from({ length: dice.between(1, 60) }, () => dice.between(0, 255))
  if (kind < 25) return Uint8Array.from(new TokenDrawing(dice, table).tokens())
  const bytes = kind < 45 ? sent(dice, table) : new TokenDrawing(dice, table).stream()
  return Uint8Array.from(dice.chance(kind < 45 ? 0.9 : 0.15) ? mutate(dice, bytes) : bytes)
}

/** Where something can happen in a stream: behind every header, and every body. */
export const cutsOf = (bytes: Uint8Array): ReadonlyArray<number> => {
  const cuts: Array<number> = []
  let [digit, number] = [0, 0]
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at++] ?? 0
    if (byte < 0x80) {
      number += byte * 128 ** digit++
      if (digit > TokenType.maxDigits) cuts.push(at)
      continue
    }
    cuts.push(at)
    if (byte === FLOAT) number = 8
    if ([ERROR, FLOAT, LONGINT, LONGNEG, STRING].includes(byte) && number > 0 && number < bytes.length - at) {
      at += number
      cuts.push(at)
    }
    digit = 0
    number = 0
  }
  return cuts.filter((cut) => cut < bytes.length)
}
