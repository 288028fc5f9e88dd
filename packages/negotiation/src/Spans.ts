/**
 * Spans for whoever traces a program, at no cost for everyone else: where no tracer listens, none is made.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"

// Effect's own tracer makes spans that nobody is told of.
const isHeard = (fiber: Fiber.Fiber<unknown, unknown>): boolean => fiber.getRef(Tracer.Tracer) !== Tracer.nativeTracer

/**
 * Runs an effect in a span, of which what it opens itself is a child.
 *
 * Not `Effect.fn`, which notes where it was called: for every connection that is the same place, and finding it out costs
 * as much as a phase.
 *
 * @category combinators
 * @since 0.1.0
 */
export const within =
  (name: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiber((fiber) =>
      isHeard(fiber) ? Effect.useSpan(name, (span) => Effect.withParentSpan(effect, span)) : effect
    )

/**
 * Runs an effect in a span that nothing else is a child of.
 *
 * @category combinators
 * @since 0.1.0
 */
export const beside =
  (name: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.withFiber((fiber) => (isHeard(fiber) ? Effect.useSpan(name, () => effect) : effect))

/**
 * Gives the span around it these attributes, apart from those that are `undefined`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const annotate = (attributes: { readonly [name: string]: string | undefined }): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    if (!isHeard(fiber)) return Effect.void
    const known = Object.entries(attributes).filter(([, value]) => value !== undefined)
    return Effect.annotateCurrentSpan(Object.fromEntries(known))
  })
