/**
 * `decimal`: one byte string, the number as Python prints it.
 *
 * @since 0.1.0
 */
import { fail } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import type { Scope } from "../Unslicer.ts"
import { Decimal } from "../value/Decimal.ts"
import { IndexWord } from "../wire/IndexWord.ts"
import { OneStringUnslicer } from "./OneStringUnslicer.ts"

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (decimal: Decimal, out: Slicing): void => out.sequenceOfText(IndexWord.decimal, decimal.text)

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class DecimalUnslicer extends OneStringUnslicer<Decimal> {
  constructor(scope: Scope) {
    super(scope, "DecimalUnslicer only accepts strings")
  }

  protected read(text: string | undefined): Decimal {
    return Decimal.fromText(text ?? "") ?? fail("a decimal that is no number")
  }

  describe(): string {
    return "<decimal>"
  }
}
