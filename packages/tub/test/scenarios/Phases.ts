/** In which phases negotiations are abandoned, as their spans tell. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"

/** Watches a dial, and knows the phase of every negotiation of it that was given up while it went on. */
export const watching = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return {
    watch: <A, E, R>(dial: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.withTracer(dial, tracer),
    abandoned: (): ReadonlyArray<string> =>
      spans.flatMap(({ name, status }) => {
        const phase = /^Negotiation\.(Plaintext|Encrypted|Deciding)$/.exec(name)?.[1]
        return phase !== undefined && status._tag === "Ended" && Exit.hasInterrupts(status.exit) ? [phase] : []
      })
  }
}
