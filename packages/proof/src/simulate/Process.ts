/**
 * One life of a Tub: it listens, it keeps links with the Tubs it wants, and it finds out by itself when one of them is
 * dead, because both ends keep talking and a silent one is closed.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { HandleOldPeers } from "@effect-foolscap/negotiation/ConnectionTable"
import { Deadline, NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import type { SimulatedNetwork } from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { closeLimit } from "@effect-foolscap/negotiation/Transport"
import type { Attempt } from "@effect-foolscap/tub/ConnectError"
import { Connector, DialDeadline } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import * as SimulatedHost from "@effect-foolscap/tub/testing/SimulatedHost"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Socket from "effect/socket/Socket"
import type { Dice } from "./Dice.ts"
import type { Entry, Ledger, Process } from "./Ledger.ts"
import type { Plan, TubPlan } from "./Plan.ts"
import type { VirtualTime } from "./VirtualTime.ts"

/** How often an application says something over its links, in milliseconds. */
export const beat = 15_000
/** How long it takes silence for life, in milliseconds. */
export const patience = 40_000
/** The longest pause between two attempts to reach a Tub, in milliseconds. */
export const longestPause = 15_000

/** What all processes of a run share. */
export interface World {
  readonly plan: Plan
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
  readonly ledger: Ledger
  readonly dice: Dice
  /** Whether applications still dial Tubs they have a link with, as nobody should. */
  isRestless: boolean
}

/** Runs one Tub until it is interrupted. `life` counts from 1. */
export const run = Effect.fnUntraced(function* (world: World, tub: TubPlan, life: number) {
  const { dice, ledger, network, plan } = world
  const process: Process = { name: `${tub.host}.${life}`, tubId: tub.tubId }
  ledger.say(() => `${process.name} starts as ${tub.tubId.slice(0, 4)}`)

  const services = yield* Layer.build(layer(world, tub, process))
  const { dial } = Context.get(services, Connector)

  for (const port of tub.ports) {
    const endpoint = yield* SimulatedHost.listen(network, tub.host, port)
    yield* Listener.serve(endpoint, {
      connected: (connection) => use(world, process, connection),
      failed: (error) => Effect.sync(() => count(ledger, error))
    }).pipe(Effect.provide(services), Effect.forkScoped)
  }

  const reach = Effect.fnUntraced(function* (target: TubPlan) {
    const dialled = yield* Effect.result(Effect.provideService(dial(target), Clock.Clock, world.time.clock(tub.clock)))
    if (dialled._tag === "Failure") {
      for (const { error, message } of dialled.failure.attempts) {
        count(ledger, error)
        ledger.say(() => `${process.name} to ${target.host}: ${message}`)
      }
      return
    }
    const { connection } = dialled.success
    if (connection.peer !== target.tubId)
      ledger.problem(`${process.name} dialled ${target.tubId}, got ${connection.peer}`)
    yield* use(world, process, connection)
  })

  const keep = (target: TubPlan) =>
    Effect.gen(function* () {
      yield* Effect.sleep(dice.between(0, longestPause))
      if (ledger.live(process, target.tubId).length > 0 && !(world.isRestless && dice.chance(0.2))) return
      yield* Effect.scoped(reach(target))
    }).pipe(Effect.forever)

  for (const wanted of tub.wants) {
    const target = plan.tubs[wanted]
    if (target !== undefined) yield* Effect.forkScoped(keep(target))
  }
  return yield* Effect.never
}, Effect.scoped)

const layer = ({ network, time, ledger }: World, tub: TubPlan, process: Process) => {
  const settings = Layer.mergeAll(
    Layer.succeed(Deadline)(tub.deadline),
    Layer.succeed(DialDeadline)(tub.dialDeadline),
    Layer.succeed(HandleOldPeers)(tub.handleOldPeers)
  )
  const identity = SimulatedHost.identity(tub.tubId)
  const own = Tub.layer(identity, { elsewhere: tub.elsewhere })
  // The negotiation of a host goes by that host's clock, and is watched by the true one.
  const watched = Layer.effect(
    NegotiationService,
    Effect.map(NegotiationService, ({ accept, dial, lastConnection }) => {
      // When the dial of each peer began, which asks this first. There is one at a time.
      const begun = new Map<TubId, number>()
      return NegotiationService.of({
        lastConnection: (pair) =>
          Effect.suspend(() => {
            begun.set(pair.remote, time.now)
            return lastConnection(pair)
          }),
        accept: (transport) => watch(accept(transport), tub.deadline),
        dial: (transport, options) =>
          Effect.suspend(() => {
            const began = begun.get(options.wanted) ?? time.now
            return Effect.tapError(
              watch(dial(transport, options), Duration.min(tub.deadline, options.within ?? tub.deadline)),
              (error) =>
                Effect.sync(() => {
                  if (isDuplicate(error)) ledger.refused(process, options.wanted, began)
                })
            )
          })
      })
    })
  )
  const watch = <A, E, R>(negotiation: Effect.Effect<A, E, R>, limit: Duration.Duration): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const began = time.now
      const latest = began + Duration.toMillis(Duration.sum(limit, closeLimit)) / tub.clock
      const over = ledger.negotiating(process, latest)
      return Effect.ensuring(Effect.provideService(negotiation, Clock.Clock, time.clock(tub.clock)), Effect.sync(over))
    })
  return Connector.layer.pipe(
    Layer.provide(SimulatedHost.layerHintHandler(network, tub.host)),
    Layer.provideMerge(Layer.provideMerge(watched, own)),
    Layer.provide(settings)
  )
}

const isDuplicate = (error: NegotiationError | Redirect): boolean =>
  error._tag === "NegotiationError" &&
  error.reason._tag === "PeerRefused" &&
  error.reason.text.startsWith("Duplicate connection")

const count = ({ counts }: Ledger, error: Attempt["error"]): void => {
  counts.failures++
  if (error._tag === "Redirect" && error.side === "client") counts.redirects++
  if (error._tag !== "NegotiationError") return
  const { reason } = error
  if (reason._tag === "DuplicateConnection") counts.duplicates++
}

/** Talks over a link until it ends, and closes it when the other end has been silent for too long. */
const use = ({ ledger, time }: World, process: Process, connection: NegotiatedConnection): Effect.Effect<void> =>
  Effect.gen(function* () {
    const entry = ledger.opened(process, connection)
    yield* Effect.forkScoped(Effect.ignore(Effect.scoped(hear(ledger, entry))))
    yield* Effect.forkScoped(Effect.ignore(Effect.scoped(talk(entry, time))))
    // An application that is stopped lets go of its links.
    yield* Effect.addFinalizer(() => Effect.sync(() => ledger.released(entry)))
    ledger.ended(entry, yield* connection.ended)
  }).pipe(Effect.scoped)

const talk = Effect.fnUntraced(function* (entry: Entry, time: VirtualTime) {
  const { write } = yield* entry.connection.socket.writer
  while (time.now - entry.heardAt < patience) {
    yield* write(`${entry.number}\n`)
    yield* Effect.sleep(beat)
  }
  yield* entry.connection.close
})

const hear = Effect.fnUntraced(function* (ledger: Ledger, entry: Entry) {
  const pull = yield* Socket.readerString(entry.connection.socket)
  let text = ""
  while (true) {
    text += (yield* pull).join("")
    const lines = text.split("\n")
    text = lines.pop() ?? ""
    for (const line of lines) ledger.heard(entry, Number(line))
  }
})
