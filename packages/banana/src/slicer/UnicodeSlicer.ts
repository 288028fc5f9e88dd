/**
 * `unicode`: text, as one byte string of UTF-8.
 *
 * @since 0.1.0
 */
import { fail } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import type { Scope } from "../Unslicer.ts"
import { IndexWord } from "../wire/IndexWord.ts"
import { OneStringUnslicer } from "./OneStringUnslicer.ts"

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (text: string, out: Slicing): void => out.sequenceOfText(IndexWord.unicode, text)

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class UnicodeUnslicer extends OneStringUnslicer<string> {
  constructor(scope: Scope) {
    super(scope, "UnicodeUnslicer only accepts strings")
  }

  protected read(text: string | undefined): string {
    return text ?? fail("a text that is not UTF-8")
  }

  describe(): string {
    return "<unicode>"
  }
}
