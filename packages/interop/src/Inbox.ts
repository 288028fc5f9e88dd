/**
 * Inbox: what a program said, until somebody asks for it.
 *
 * Programs say several things at once, in an order that a test need not care about. So a reader names what it waits
 * for, and everything else stays for the next one.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Far more than anything here takes, so that only a peer that will never speak is given up on. */
const patience = Duration.seconds(20)

/** Things that were said, in order. */
export class Inbox<A> {
  private readonly name: string
  private readonly unread: Array<A> = []
  private readonly all: Array<A> = []
  private readonly waiting = new Set<() => void>()

  /** `name` says in errors who has not spoken. */
  constructor(name: string) {
    this.name = name
  }

  readonly offer = (said: A): void => {
    this.unread.push(said)
    this.all.push(said)
    for (const look of this.waiting) look()
  }

  /** Whether something that fits is there already. */
  readonly has = (fits: (said: A) => boolean): boolean => this.unread.some(fits)

  /** The first thing that fits, now or later. Dies with everything that was said if that takes 20 seconds. */
  readonly take = <B extends A>(what: string, fits: (said: A) => said is B): Effect.Effect<B> =>
    this.when(what, () => {
      const said = this.unread.find(fits)
      if (said !== undefined) this.unread.splice(this.unread.indexOf(said), 1)
      return said
    })

  /** The same, with everything unread that was said before it. */
  readonly takeUntil = (what: string, fits: (said: A) => boolean): Effect.Effect<ReadonlyArray<A>> =>
    this.when(what, () => {
      const index = this.unread.findIndex(fits)
      return index === -1 ? undefined : this.unread.splice(0, index + 1)
    })

  private readonly when = <B>(what: string, find: () => B | undefined): Effect.Effect<B> =>
    Effect.callback<B>((resume) => {
      const look = () => {
        const said = find()
        if (said === undefined) return
        this.waiting.delete(look)
        resume(Effect.succeed(said))
      }
      this.waiting.add(look)
      look()
      return Effect.sync(() => void this.waiting.delete(look))
    }).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => Effect.die(new Error(`${this.name} has not said ${what}, only ${JSON.stringify(this.all)}`))
      })
    )
}
