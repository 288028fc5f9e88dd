import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { connect } from "./Both.ts"
import { converse, get, hello, underTls } from "./Peer.ts"
import { high, low, side, stranger } from "./Sides.ts"

/** A tracer that keeps every span. */
const recording = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const named = (name: string) => spans.find((span) => span.name === name) ?? assert.fail(`no span ${name}`)
  const childrenOf = (parent: Tracer.NativeSpan) =>
    spans.filter((span) => Option.getOrUndefined(span.parent)?.spanId === parent.spanId).map(({ name }) => name)
  return { tracer, spans, named, childrenOf }
}

const phases = ["Negotiation.Plaintext", "Negotiation.Encrypted", "Negotiation.Deciding"]

describe("The spans of a negotiation", () => {
  it.effect("are one for each side, with one child for each phase", () =>
    Effect.gen(function* () {
      const { childrenOf, named, spans, tracer } = recording()
      const [here, there] = [yield* side(low), yield* side(high)]
      yield* connect(here, there).pipe(Effect.withTracer(tracer))
      const [dial, accept] = [named("Negotiation.dial"), named("Negotiation.accept")]
      assert.deepStrictEqual(childrenOf(dial), phases)
      assert.deepStrictEqual(childrenOf(accept), phases)
      assert.strictEqual(spans.length, 8)
      for (const { name, status } of spans) assert.isTrue(status._tag === "Ended" && Exit.isSuccess(status.exit), name)
    })
  )

  it.effect("say which Tubs, which side, which role and which server", () =>
    Effect.gen(function* () {
      const { named, tracer } = recording()
      const [here, there] = [yield* side(low), yield* side(high)]
      yield* connect(here, there).pipe(Effect.withTracer(tracer))
      const attributesOf = (name: string) => Object.fromEntries(named(name).attributes)
      assert.deepInclude(attributesOf("Negotiation.dial"), {
        "tub.side": "client",
        "tub.role": "NonMaster",
        "tub.local_id": low.tubId,
        "tub.peer_id": high.tubId,
        "server.address": "example.org"
      })
      assert.deepInclude(attributesOf("Negotiation.accept"), {
        "tub.side": "server",
        "tub.role": "Master",
        "tub.local_id": high.tubId,
        "tub.peer_id": low.tubId
      })
    })
  )

  it.effect("end where the negotiation fails, and say so", () =>
    Effect.gen(function* () {
      const { childrenOf, named, spans, tracer } = recording()
      const service = yield* side(high)
      const script = underTls("server", high, low.credentials, hello(stranger))
      yield* converse(service, "server", script).pipe(Effect.withTracer(tracer))
      const accept = named("Negotiation.accept")
      assert.deepStrictEqual(childrenOf(accept), phases.slice(0, 2))
      for (const { name, status } of spans) {
        const failed = name !== "Negotiation.Plaintext"
        assert.strictEqual(status._tag === "Ended" && Exit.isFailure(status.exit), failed, name)
      }
      assert.strictEqual(
        accept.attributes.get("tub.peer_id"),
        low.tubId,
        "who it proved to be, not who it claims to be"
      )
      assert.isFalse(accept.attributes.has("tub.role"))
    })
  )

  it.effect("name the reason of a failure as error.type", () =>
    Effect.gen(function* () {
      const { named, tracer } = recording()
      yield* converse(yield* side(high), "server", { clear: get(low.tubId) }).pipe(Effect.withTracer(tracer))
      assert.strictEqual(named("Negotiation.accept").attributes.get("error.type"), "UnknownTubId")
    })
  )

  it.effect("belong to whoever negotiates, not to whoever built the service", () =>
    Effect.gen(function* () {
      const { childrenOf, named, tracer } = recording()
      yield* Effect.gen(function* () {
        const [here, there] = yield* Effect.all([side(low), side(high)]).pipe(Effect.withSpan("startup"))
        yield* connect(here, there).pipe(Effect.withSpan("request"))
      }).pipe(Effect.withTracer(tracer))
      assert.deepStrictEqual(childrenOf(named("startup")), [])
      assert.deepStrictEqual(childrenOf(named("request")), ["Negotiation.dial", "Negotiation.accept"])
      assert.deepStrictEqual(childrenOf(named("Negotiation.dial")), phases)
      assert.deepStrictEqual(childrenOf(named("Negotiation.accept")), phases)
    })
  )

  it.effect("are the parents of what an application opens meanwhile", () =>
    Effect.gen(function* () {
      const { childrenOf, named, tracer } = recording()
      const [here, there] = [yield* side(low), yield* side(high)]
      const admit = () => Effect.withSpan(Effect.succeed(true), "admit")
      yield* connect(here, there, { accept: { admit } }).pipe(Effect.withTracer(tracer))
      const [plaintext, encrypted, deciding] = phases
      assert.deepStrictEqual(childrenOf(named("Negotiation.accept")), [plaintext, encrypted, "admit", deciding])
    })
  )

  it.effect("go to the tracer of whoever negotiates, not of whoever built the service", () =>
    Effect.gen(function* () {
      const [building, negotiating] = [recording(), recording()]
      const [here, there] = yield* Effect.all([side(low), side(high)]).pipe(Effect.withTracer(building.tracer))
      yield* connect(here, there).pipe(Effect.withTracer(negotiating.tracer))
      assert.deepStrictEqual(
        building.spans.map(({ name }) => name),
        []
      )
      assert.strictEqual(negotiating.spans.length, 8)
    })
  )

  it.effect("are not made where no tracer listens, and what an application has is left as it is", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      const around = yield* Effect.currentSpan
      const seen: Array<Tracer.Span> = []
      const admit = () =>
        Effect.map(Effect.currentSpan, (span) => {
          seen.push(span)
          return true
        }).pipe(Effect.orDie)
      yield* connect(here, there, { accept: { admit } })
      assert.deepStrictEqual(
        seen.map(({ spanId }) => spanId),
        [around.spanId]
      )
      assert.deepStrictEqual([...around.attributes], [])
    }).pipe(Effect.withSpan("an application's"))
  )
})
