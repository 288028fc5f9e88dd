/**
 * A Python float that a plain number could not stand for.
 *
 * @since 0.1.0
 */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { float } from "./PythonLiteral.ts"
import { Shown } from "./Shown.ts"

/**
 * A float without a fraction, such as Python's `2.0`: as a number it would go back as the integer `2`.
 *
 * Every other float is a number: one with a fraction, `-0`, the infinities, `NaN`.
 *
 * @category models
 * @since 0.1.0
 */
export class Float extends Shown implements Equal.Equal {
  readonly value: number

  constructor(value: number) {
    super()
    this.value = value
  }

  toString(): string {
    return float(this.value)
  }

  override valueOf(): number {
    return this.value
  }

  [Equal.symbol](that: unknown): boolean {
    return that instanceof Float && Object.is(this.value, that.value)
  }

  [Hash.symbol](): number {
    return Hash.number(this.value)
  }
}

/**
 * Whether a number goes over the wire as an integer: `2` does; `2.5`, `-0`, `Infinity` and `NaN` do not.
 *
 * @category guards
 * @since 0.1.0
 */
export const isInteger = (value: number): boolean =>
  // The engine calculates with integers as long as it sees nothing else.
  ((value | 0) === value || Number.isInteger(value)) && !Object.is(value, -0)

/**
 * What a float of this value is here.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromDouble = (value: number): number | Float => (isInteger(value) ? new Float(value) : value)
