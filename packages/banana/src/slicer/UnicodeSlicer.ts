/**
 * `unicode`: text, as one byte string of UTF-8.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { Unslicer } from "../Unslicer.ts"
import { STRING, setOf, VOCAB } from "../wire/TokenType.ts"
import { decodeUtf8 } from "../wire/Utf8.ts"

const refusal = () => fail("UnicodeUnslicer only accepts strings")
const strings = setOf(STRING, VOCAB)
const aString = Constraint.only(strings, refusal)

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (text: string, out: Slicing): void => {
  const number = out.open("unicode")
  out.text(text)
  out.close(number)
}

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class UnicodeUnslicer extends Unslicer {
  private text: string | null = null

  constructor() {
    super(aString)
  }

  /** The same one for the next sequence, with at most so many bytes in it. */
  begin(maxBytes: number | undefined): this {
    this.expected = maxBytes === undefined ? aString : Constraint.only(strings, refusal, maxBytes)
    this.text = null
    return this
  }

  receive(): void {}

  override receiveString(source: Uint8Array, start: number, end: number): void {
    if (this.text !== null) fail("already received a string")
    this.text = decodeUtf8(source, start, end) ?? fail("a text that is not UTF-8")
  }

  /** Without a string in it, it is None to Foolscap. */
  close(): string | null {
    return this.text
  }

  describe(): string {
    return "<unicode>"
  }
}
