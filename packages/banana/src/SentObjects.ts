/**
 * Which objects were sent before in the same top-level object, and are references when they come again (B14).
 *
 * @since 0.1.0
 */

/** From so many objects on it is guessed that none of them comes again. */
const few = 1000

/** So many are asked about at once, or fewer if so many bytes were written meanwhile: until then what comes again is written again. */
const batch = 64
const batchBytes = 65_536

/**
 * The objects of one top-level object after the other, with the numbers of their OPENs.
 *
 * To ask of each object in turn whether it came before takes half the time of a large value: the engine waits for memory each
 * time. Asked of many, one right behind the other, it waits for several at once. So a large value is written as if nothing in
 * it came again, and asked about in batches. If something has, it has to be written once more, each object asked about
 * before. Most who share something do so early, or in the next value as well, in which nothing is guessed then.
 *
 * @category models
 * @since 0.1.0
 */
export class SentObjects {
  /** A Set is asked and told in one go, twice as fast as a Map. */
  private readonly known = new Set<object>()
  /** The numbers of the OPENs, in the same order; those of the first only, while guessing. */
  private readonly opens: Array<number> = []
  /** Both of them as one, since something came again. */
  private numbers: Map<object, number> | undefined
  private readonly unasked: Array<object> = []
  private askAt = 0
  private mayGuess = true
  private guesses = false

  /** Whether what was sent rests on a guess. */
  get isGuessed(): boolean {
    return this.guesses
  }

  /**
   * The number of the OPEN that this object was sent with. If there is none, it will be `next`. `written`: how many bytes
   * there are so far. Throws what `ask` throws.
   */
  numberOf(object: object, next: number, written: number): number | undefined {
    if (this.guesses) {
      this.guess(object, written)
      return undefined
    }
    const { known, numbers, opens } = this
    if (known.add(object).size > opens.length) {
      opens.push(next)
      numbers?.set(object, next)
      this.guesses = opens.length === few && this.mayGuess && numbers === undefined
      return undefined
    }
    this.numbers ??= new Map(Array.from(known, (each, at) => [each, opens[at] ?? 0]))
    return this.numbers.get(object)
  }

  /** Throws if something has come again that was guessed not to. */
  ask(): void {
    const { known, unasked } = this
    const size = known.size + unasked.length
    for (const object of unasked) known.add(object)
    unasked.length = 0
    if (known.size < size) throw wrongGuess
  }

  /** Begins anew with the same top-level object, and guesses nothing. */
  startAgain(): void {
    this.clear()
    this.mayGuess = false
  }

  /** The next top-level object follows. */
  forget(): void {
    this.mayGuess = this.numbers === undefined
    this.clear()
  }

  private guess(object: object, written: number): void {
    const count = this.unasked.push(object)
    if (count < batch && written < this.askAt) return
    this.ask()
    this.askAt = written + batchBytes
  }

  private clear(): void {
    if (this.known.size === 0) return
    this.known.clear()
    this.opens.length = 0
    this.numbers = undefined
    this.unasked.length = 0
    this.askAt = 0
    this.guesses = false
  }
}

const wrongGuess = new Error("an object came again")
