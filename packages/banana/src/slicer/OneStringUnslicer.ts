/**
 * What receives a sequence of one byte string.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail } from "../Refusal.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import { STRING, setOf, VOCAB } from "../wire/TokenType.ts"
import { decodeUtf8 } from "../wire/Utf8.ts"

const strings = setOf(STRING, VOCAB)

/**
 * Waits for one byte string, of which `read` makes the value.
 *
 * @category unslicing
 * @since 0.1.0
 */
export abstract class OneStringUnslicer<A> extends Unslicer {
  private readonly scope: Scope
  private readonly aString: Constraint.Constraint
  private readonly refusal: () => never
  private value: A | null = null

  /** `refusal` is what is said of any other token. */
  constructor(scope: Scope, refusal: string) {
    super()
    this.scope = scope
    this.refusal = () => fail(refusal)
    this.aString = Constraint.only(strings, this.refusal)
  }

  /** `undefined` stands for bytes that are not UTF-8. */
  protected abstract read(text: string | undefined): A

  /** The same one for the next sequence, with at most so many bytes in it. */
  begin(maxBytes: number | undefined): this {
    this.scope.expected = maxBytes === undefined ? this.aString : Constraint.only(strings, this.refusal, maxBytes)
    this.value = null
    return this
  }

  receive(): void {}

  override receiveString(source: Uint8Array, start: number, end: number): void {
    if (this.value !== null) fail("already received a string")
    this.value = this.read(decodeUtf8(source, start, end))
  }

  /** Keeps nothing of the last sequence, which may have been long. */
  forget(): void {
    this.value = null
  }

  /** Without a string in it, it is None to Foolscap. */
  close(): A | null {
    return this.value
  }
}
