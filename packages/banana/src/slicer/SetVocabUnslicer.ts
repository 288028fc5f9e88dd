/**
 * `set-vocab`: a new table of words for what follows, at the top level of plain Banana. A Foolscap Tub does not take it.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail, refuse } from "../Refusal.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import { copyOf } from "../wire/Bytes.ts"
import type { Header } from "../wire/TokenDecoder.ts"
import { INT, STRING, setOf } from "../wire/TokenType.ts"
import { maxWords, type Word, wordOf } from "../wire/Vocabulary.ts"

const anIndex = Constraint.only(setOf(INT), () => fail("VocabUnslicer only accepts INT keys"))
const aWord = Constraint.only(setOf(STRING), () => fail("VocabUnslicer only accepts STRING values"), 100)

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class SetVocabUnslicer extends Unslicer {
  private readonly scope: Scope
  private readonly words = new Map<Header, Word>()
  private index: Header | undefined

  constructor(scope: Scope) {
    super()
    this.scope = scope
    scope.expected = anIndex
  }

  receive(child: unknown): void {
    const index = child as Header // an INT, which is all that is expected
    if (this.words.has(index)) fail(`duplicate key '${index}'`)
    if (this.words.size >= maxWords) refuse("the table is full")
    this.index = index
    this.scope.expected = aWord
  }

  override receiveString(source: Uint8Array, start: number, end: number): void {
    if (this.index !== undefined) this.words.set(this.index, wordOf(copyOf(source, start, end)))
    this.index = undefined
    this.scope.expected = anIndex
  }

  close(): undefined {
    if (this.index !== undefined) fail("sequence ended early: got key but not value")
    this.scope.setWords(this.words)
    return undefined
  }

  describe(): string {
    return this.index === undefined ? "<vocabdict>" : `<vocabdict>[${this.index}]`
  }
}
