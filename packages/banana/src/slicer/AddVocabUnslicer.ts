/**
 * `add-vocab`: one more word for what follows, at the top level of plain Banana. A Foolscap Tub does not take it.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail, refuse } from "../Refusal.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import { maxWords, wordOf } from "../wire/Vocabulary.ts"
import { copyOf } from "../wire/Bytes.ts"
import type { Header } from "../wire/TokenDecoder.ts"
import { INT, STRING, setOf } from "../wire/TokenType.ts"

const anIndex = Constraint.only(setOf(INT), () => fail("Vocab key must be an INT"))
const aWord = Constraint.only(setOf(STRING), () => fail("Vocab value must be a STRING"), 100)
const noMore = Constraint.none(() => refuse("add-vocab only accepts two values"))

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class AddVocabUnslicer extends Unslicer {
  private readonly scope: Scope
  private index: Header | undefined
  private word: Uint8Array | undefined

  constructor(scope: Scope) {
    super()
    this.scope = scope
    scope.expected = anIndex
  }

  receive(child: unknown): void {
    this.index = child as Header // an INT, which is all that is expected
    this.scope.expected = aWord
  }

  override receiveString(source: Uint8Array, start: number, end: number): void {
    this.word = copyOf(source, start, end)
    this.scope.expected = noMore
  }

  close(): undefined {
    if (this.index === undefined || this.word === undefined) return fail("sequence ended too early")
    const { words } = this.scope
    if (words.size >= maxWords && !words.has(this.index)) refuse("the table is full")
    this.scope.addWord(this.index, wordOf(this.word))
    return undefined
  }

  describe(): string {
    return this.index === undefined ? "<add-vocab>" : `<add-vocab>[${this.index}]`
  }
}
