/** Ours: BananaEncoder and BananaDecoder as a codec of single values. */
import { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
import { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import { Dict } from "@effect-foolscap/banana/value/Dict"
import type { Value } from "@effect-foolscap/banana/value/Value"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import * as Result from "effect/Result"
import type { Plain } from "../Values.ts"

const vocabulary = Vocabulary.initial(1)

/** A decoder whose limits leave room for the large values of this benchmark. */
export const decoder = (): BananaDecoder =>
  new BananaDecoder({ vocabulary, limits: { body: 2 ** 30, size: Number.MAX_SAFE_INTEGER } })

export const encoder = (): BananaEncoder => new BananaEncoder({ vocabulary })

export const encode = (value: Value): ReadonlyArray<Uint8Array> => {
  const bananas = encoder()
  Result.getOrThrow(bananas.encode(value))
  return bananas.take()
}

export const decode = (chunks: ReadonlyArray<Uint8Array>): Value => {
  const bananas = decoder()
  let value: Value | undefined
  for (const chunk of chunks) {
    for (const received of bananas.push(chunk)) {
      if (received._tag !== "Delivered") throw new Error(`received ${received._tag}`)
      value = received.value
    }
  }
  if (value === undefined) throw new Error("nothing was delivered")
  return value
}

/**
 * As a link keeps its own, in the middle of a message that is still coming. Once no object of a class is left, the engine forgets
 * what it has compiled for it.
 */
export const kept = { decoder: decoder(), encoder: encoder() }

const closes = 8

kept.encoder.encode([Dict.from([["key", ["text"]]])])
const [message = new Uint8Array(0)] = kept.encoder.take()
kept.decoder.push(message.subarray(0, -closes))

/** Records become dicts. */
export const from = (plain: Plain): Value => {
  if (plain === null || typeof plain !== "object" || plain instanceof Uint8Array) return plain
  if (Array.isArray(plain)) return plain.map(from)
  return Dict.from(Object.entries(plain).map(([key, value]) => [key, from(value)]))
}

/** And dicts records. */
export const to = (value: Value): Plain => {
  if (value === null || (typeof value !== "object" && typeof value !== "bigint") || value instanceof Uint8Array)
    return value
  if (Array.isArray(value)) return value.map(to)
  if (value instanceof Dict) return Object.fromEntries([...value].map(([key, each]) => [nameOf(key), to(each)]))
  throw new Error(`no value of this benchmark holds a ${typeof value}`)
}

const nameOf = (key: Value): string => {
  if (typeof key !== "string") throw new Error(`no key of this benchmark is a ${typeof key}`)
  return key
}
