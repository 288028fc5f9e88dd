/**
 * `decimal`: one byte string, the number as Python prints it.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { Unslicer } from "../Unslicer.ts"
import { Decimal } from "../value/Decimal.ts"
import { STRING, setOf, VOCAB } from "../wire/TokenType.ts"
import { decodeUtf8 } from "../wire/Utf8.ts"

const refusal = () => fail("DecimalUnslicer only accepts strings")
const strings = setOf(STRING, VOCAB)
const aString = Constraint.only(strings, refusal)

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (decimal: Decimal, out: Slicing): void => {
  const number = out.open("decimal")
  out.text(decimal.text)
  out.close(number)
}

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class DecimalUnslicer extends Unslicer {
  private decimal: Decimal | null = null

  constructor() {
    super(aString)
  }

  /** The same one for the next sequence, with at most so many bytes in it. */
  begin(maxBytes: number | undefined): this {
    this.expected = maxBytes === undefined ? aString : Constraint.only(strings, refusal, maxBytes)
    this.decimal = null
    return this
  }

  receive(): void {}

  override receiveString(source: Uint8Array, start: number, end: number): void {
    if (this.decimal !== null) fail("already received a string")
    this.decimal = Decimal.fromText(decodeUtf8(source, start, end) ?? "") ?? fail("a decimal that is no number")
  }

  /** Without a string in it, it is None to Foolscap. */
  close(): Decimal | null {
    return this.decimal
  }

  describe(): string {
    return "<decimal>"
  }
}
