/** Streams that break a rule, or nearly, and what is told of them. */
import { assert, it } from "@effect/vitest"
import { heard } from "../Stream.ts"
import { int, join } from "../Tokens.ts"

/** What comes behind shows whether the link goes on. */
export const next = int(9)

/** By what it is: bytes, and what is told of them and of an object behind them. */
export type Cases = Readonly<Record<string, readonly [Uint8Array, ...ReadonlyArray<string>]>>

/** A test for each. */
export const check = (cases: Cases): void => {
  for (const [name, [bytes, ...lines]] of Object.entries(cases)) {
    it(name, () => assert.deepStrictEqual(heard(join(bytes, next)), lines))
  }
}

/** The place where no sequence is open. */
export const root = "<RootUnslicer>"

/** So many digits of a header. */
export const digits = (count: number): Uint8Array => new Uint8Array(count).fill(1)
