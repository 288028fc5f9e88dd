/** Tubs on the hosts of a simulated network, what their Reconnectors do, and when. */
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import type { Passage } from "@effect-foolscap/negotiation/testing/simulated/Route"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import type * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { Connector } from "../src/Connector.ts"
import { HintStatus } from "../src/HintStatus.ts"
import * as Listener from "../src/Listener.ts"
import type { PeerLink } from "../src/Links.ts"
import * as Reconnector from "../src/Reconnector.ts"
import { ReconnectorState, type Setback } from "../src/ReconnectorState.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import type { Target } from "../src/Target.ts"
import { Tub } from "../src/Tub.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import { high, hints } from "./Network.ts"

/** A network of two hosts, 10 ms apart: a refusal takes 20 ms, a link 80 ms. `observe` hears of every segment. */
export const town = <A, E, R>(
  use: (network: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<A, E, R>,
  observe: (segment: Passage) => void = () => {}
) => SimulatedNetwork.within({ hosts: ["here", "there"], seed: 1, way: { latency: "10 millis" }, observe }, use)

/** One run of a program on a host. */
export const start = Effect.fnUntraced(function* (
  network: SimulatedNetwork.SimulatedNetwork,
  host: string,
  { tubId }: TubIdentity
) {
  const context = yield* Layer.build(
    Connector.layer.pipe(
      Layer.provide(SimulatedHost.layerHintHandler(network, host)),
      Layer.provideMerge(Tub.layer(SimulatedHost.identity(tubId)))
    )
  )
  /** Answers at a port of this host until the Scope closes or `stop`. Keeps each link as long as `use` does. */
  const listen = Effect.fnUntraced(function* (port: number, use: () => Effect.Effect<void> = () => Effect.never) {
    const links = yield* Queue.unbounded<NegotiatedConnection>()
    const scope = yield* Scope.fork(yield* Effect.scope)
    const endpoint = yield* Effect.orDie(Scope.provide(SimulatedHost.listen(network, host, port), scope))
    const serving = yield* Listener.serve(endpoint, {
      connected: (connection) => Effect.andThen(Queue.offer(links, connection), use()),
      failed: () => Effect.void
    }).pipe(Effect.provideContext(context), Effect.forkIn(scope))
    return { links, stop: Fiber.interrupt(serving) }
  })
  return { context, listen }
})

/** A program that has been started. */
export type Process = Effect.Success<ReturnType<typeof start>>

/** Where `high` is, on this network. */
export const target = (...texts: ReadonlyArray<string>) => ({ tubId: high.tubId, hints: hints(...texts) })

/** Chance that always takes the mean. */
const certain = { nextIntUnsafe: () => 0, nextDoubleUnsafe: () => 0 }

/**
 * Keeps a link from this process, with nothing left to chance. Gives a record of every state and when it began, in
 * milliseconds, and of the links that the handler was run for.
 */
export const keep = Effect.fnUntraced(function* (
  { context }: Process,
  options: {
    readonly to?: Target
    readonly connected?: (link: PeerLink) => Effect.Effect<void, never, Scope.Scope>
    readonly schedule?: Schedule.Schedule<unknown, Setback>
  } = {}
) {
  const { connected = () => Effect.void, to = target("tcp:there:1"), ...rest } = options
  const handled: Array<PeerLink> = []
  const { reset, state } = yield* Reconnector.make(to, {
    ...rest,
    connected: (link) => Effect.suspend(() => (handled.push(link), connected(link)))
  }).pipe(Effect.provideContext(context), Effect.provideService(Random.Random, certain))
  const states: Array<readonly [number, string]> = []
  yield* SubscriptionRef.changes(state).pipe(
    Stream.runForEach((now) => Effect.map(Clock.currentTimeMillis, (time) => states.push([time, inWords(now)]))),
    Effect.forkScoped({ startImmediately: true })
  )
  return { state, reset, states, handled }
})

const inWords = ReconnectorState.$match({
  Connecting: ({ hints }) => ["connecting", ...hints.map((each) => ofHint(each))].join(" "),
  Connected: () => "connected",
  Waiting: ({ after, until }) => `waiting until ${DateTime.toEpochMillis(until)} after ${after._tag}`,
  GaveUp: ({ after }) => `gave up after ${after._tag}`
})

const ofHint = HintStatus.$match({
  Connecting: ({ hint }) => `${hint}?`,
  Negotiating: ({ hint }) => `${hint}!`,
  Ended: ({ attempt }) => `${attempt.hint} ${attempt.error._tag}`
})

/** The same record, without what happened while it was connecting. */
export const settled = (states: ReadonlyArray<readonly [number, string]>) =>
  states.filter(([, state]) => !state.startsWith("connecting"))

/** The link that is held now. */
export const linkOf = (state: SubscriptionRef.SubscriptionRef<ReconnectorState>) =>
  Effect.map(SubscriptionRef.get(state), (now) => {
    if (now._tag !== "Connected") throw new Error(`no link, but ${inWords(now)}`)
    return now.link
  })
