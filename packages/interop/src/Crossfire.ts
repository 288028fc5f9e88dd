/**
 * Crossfire: two Tubs that dial each other, one of them a moment before the other.
 *
 * Whether they really crossed only the Master can tell, because it decides about both connections: we by our spans,
 * Foolscap by its reports.
 */
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { ConnectError } from "@effect-foolscap/tub/ConnectError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type * as FoolscapPeer from "./FoolscapPeer.ts"
import * as OurTub from "./OurTub.ts"

/** How both sides name the place that they dial: one connection each, or two at once. */
const names = {
  "one hint": (hint: string) => [hint],
  "the same hint twice": (hint: string) => [hint, hint],
  "two hints": (hint: string) => [hint, hint.replace("127.0.0.1", "localhost")]
}

/** How a round is played. */
export interface Plan {
  readonly hints: keyof typeof names
  /** How many milliseconds we are ahead of Foolscap, or behind it if negative. */
  readonly ahead: number
}

/** In milliseconds: about as long as a negotiation over loopback takes. */
const longest = 4

/** Any plan. */
export const plan: Effect.Effect<Plan> = Effect.all({
  hints: Random.choice(["one hint", "the same hint twice", "two hints"] as const),
  ahead: Random.nextIntBetween(-longest, longest)
})

/** What came of a round. */
export interface Outcome {
  /** Whether both had a connection to the Master open before it decided about the first. */
  readonly crossed: boolean
  /** What we had as links, in the order of their numbers. */
  readonly links: ReadonlyArray<NegotiatedConnection>
  /** Why our own attempts failed. */
  readonly dialled: ConnectError["attempts"]
  /** Why Foolscap's attempts failed, as we saw it. */
  readonly arrived: ReadonlyArray<OurTub.Failed>
  /** All that Foolscap reports. */
  readonly heard: ReadonlyArray<FoolscapPeer.Event>
}

/**
 * Lets both dial, and waits until every attempt is over. Foolscap asks for an object called "crossfire".
 *
 * What is left belongs to the Scope.
 */
export const play = Effect.fnUntraced(function* (
  peer: FoolscapPeer.FoolscapPeer,
  tub: OurTub.OurTub,
  { ahead, hints }: Plan
): Effect.fn.Return<Outcome, never, Scope.Scope> {
  const { began, tracer } = recording()
  const played = Effect.gen(function* () {
    const port = yield* tub.listen
    const furl = `pb://${tub.tubId}@${names[hints](port.hint).join(",")}/crossfire`
    const theirs = Effect.sync(() => peer.tell({ do: "reference", furl }))
    const ours = Effect.result(tub.dial({ tubId: peer.tubId, hints: names[hints](peer.hint) }))
    const [dialled] = yield* Effect.all([after(-ahead, ours), after(ahead, theirs)], { concurrency: 2 })

    const heard = yield* peer.settled
    // A connection that Foolscap gave up before it asked for anything arrives here too, so the links are taken first.
    const linked = heard.filter((event) => event.event === "connected" && event.side === "client")
    const asked = heard.filter(({ event }) => event === "asking")
    const arrivals = [
      ...(yield* Effect.forEach(linked, () => port.linked)),
      ...(yield* Effect.forEach(asked.slice(linked.length), () => port.arrived))
    ]
    const links = arrivals.filter((arrival) => OurTub.isLink(arrival))
    if (Result.isSuccess(dialled)) links.push(dialled.success)
    return {
      links: links.toSorted((one, other) => (one.seqnum ?? 0) - (other.seqnum ?? 0)),
      dialled: Result.isFailure(dialled) ? dialled.failure.attempts : [],
      arrived: arrivals.filter((arrival): arrival is OurTub.Failed => !OurTub.isLink(arrival)),
      heard,
      crossed:
        tub.tubId > peer.tubId
          ? areBefore("Negotiation.Deciding", ["Negotiation.dial", "Negotiation.accept"], began)
          : areBefore(
              "connected",
              ["asking", "reached"],
              heard.map(({ event }) => event)
            )
    }
  })
  return yield* Effect.withTracer(played, tracer)
})

const after = <A, E, R>(milliseconds: number, effect: Effect.Effect<A, E, R>) =>
  milliseconds > 0 ? Effect.delay(effect, Duration.millis(milliseconds)) : effect

const areBefore = (end: string, moments: ReadonlyArray<string>, order: ReadonlyArray<string>) =>
  moments.every((moment) => order.slice(0, order.indexOf(end)).includes(moment))

/** A tracer that knows in which order spans began, by name. */
const recording = () => {
  const began: Array<string> = []
  const tracer = Tracer.make({
    span: (options) => {
      began.push(options.name)
      return new Tracer.NativeSpan(options)
    }
  })
  return { began, tracer }
}
