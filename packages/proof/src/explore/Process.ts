/**
 * One run of a program that is one of the two Tubs: the real services, and a record of what they did.
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import type { LocalTub } from "@effect-foolscap/negotiation/LocalTub"
import { LocalTubs } from "@effect-foolscap/negotiation/LocalTubs"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { NextProtocol } from "@effect-foolscap/negotiation/NextProtocol"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import { Connector } from "@effect-foolscap/tub/Connector"
import type * as Endpoint from "@effect-foolscap/tub/Endpoint"
import { HintHandler } from "@effect-foolscap/tub/HintHandler"
import { Links } from "@effect-foolscap/tub/Links"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import * as Scope from "effect/Scope"
import { VirtualClock } from "./Clock.ts"
import type { End } from "./End.ts"
import { Records } from "./Records.ts"
import { type Name, otherThan, stranger, tubIds } from "./Setup.ts"
import { Turns } from "./Turns.ts"

/** What a process is given by the world around it. */
export interface Options {
  /** This side's end of the connection to a hint of the other Tub. */
  readonly connect: (hint: LocationHint) => End
  readonly table: Layer.Layer<ConnectionTable>
  readonly isImpostor: boolean
}

const incarnationOf = (name: Name, generation: number): string => (name === "low" ? "2" : "6").repeat(15) + generation

/** What an application does with a link: reads until it ends. */
const hold = ({ socket }: NegotiatedConnection): Effect.Effect<void> =>
  socket.reader.pipe(
    Effect.flatMap(({ pull }) => Effect.forever(pull)),
    Effect.scoped,
    Effect.ignore
  )

export class Process {
  readonly name: Name
  readonly generation: number
  readonly incarnation: string
  readonly clock = new VirtualClock()
  readonly records = new Records(this.clock)
  /** Its ends of the connections there were since it began. */
  readonly ends = new Map<string, End>()
  private readonly turns = new Turns()
  private readonly context: Context.Context<Connector | Links | NegotiationService>
  private readonly scope = Scope.makeUnsafe()

  constructor(name: Name, generation: number, options: Options) {
    this.name = name
    this.generation = generation
    this.incarnation = incarnationOf(name, generation)
    const tub: LocalTub = {
      tubId: tubIds[name],
      credentials: { certificate: options.isImpostor ? stranger : tubIds[name], privateKey: Redacted.make("") },
      incarnation: this.incarnation
    }
    const negotiation = Layer.effect(NegotiationService, this.records.watchNegotiations(NegotiationService)).pipe(
      Layer.provide(NegotiationService.layer),
      Layer.provide([
        LocalTubs.layer({ here: [tub] }),
        Layer.effect(ConnectionTable, this.records.watchTable(ConnectionTable)).pipe(Layer.provide(options.table)),
        NextProtocol.layerBanana
      ])
    )
    const connect: HintHandler["Service"]["connect"] = (hint) =>
      Effect.acquireRelease(
        Effect.sync(() => this.meet(options.connect(hint))),
        (transport) => transport.destroy
      )
    const layer = Connector.layer.pipe(
      Layer.provide([Layer.succeed(HintHandler)({ connect }), Layer.succeed(Tub)(tub)]),
      Layer.provideMerge(Layer.mergeAll(negotiation, Links.layer))
    )
    const built = this.fork(Scope.provide(Layer.build(layer), this.scope), this.bare)
    this.turns.run()
    const exit = built.pollUnsafe()
    if (exit === undefined || Exit.isFailure(exit)) throw new Error(`${name} cannot start`, { cause: exit?.cause })
    this.context = Context.merge(this.bare, exit.value)
  }

  /** Dials the other Tub at these hints, and holds the link. `records` hears how it went. */
  dial(hints: ReadonlyArray<LocationHint>): void {
    const target = { tubId: tubIds[otherThan(this.name)], hints }
    this.fork(
      this.records.watchDial(
        hints.join(" "),
        Effect.flatMap(Connector, ({ dial }) => dial(target)),
        hold
      ),
      this.context
    )
  }

  /** Somebody has connected: an Endpoint with just this connection. */
  accept(end: End): void {
    const transport = this.meet(end)
    const endpoint: Endpoint.Endpoint = {
      address: { host: "", port: 0 },
      run: (handler) =>
        Effect.andThen(
          Effect.scoped(Effect.acquireUseRelease(Effect.succeed(transport), handler, ({ destroy }) => destroy)),
          Effect.never
        ),
      stop: Effect.void
    }
    const serving = Listener.serve(endpoint, { connected: hold, failed: () => Effect.void })
    this.fork(this.records.watchListener(serving), this.context)
  }

  /** Runs what can run. */
  run(): void {
    this.turns.run()
  }

  private meet(end: End): PlainTransport {
    this.ends.set(end.wire, end)
    return end.transport
  }

  private get bare(): Context.Context<never> {
    return Context.make(Scheduler.Scheduler, this.turns).pipe(
      Context.add(Clock.Clock, this.clock),
      Context.add(References.TracerEnabled, false)
    )
  }

  private fork<A, E, R>(effect: Effect.Effect<A, E, R>, context: Context.Context<R>): Fiber.Fiber<A, E> {
    return Effect.runForkWith(context)(effect)
  }
}
