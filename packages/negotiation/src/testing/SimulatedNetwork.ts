/**
 * A network in memory: named hosts, connections between them that take time, and the faults of real ones. A seed
 * decides everything that is left to chance, and a run with the same seed is the same run.
 *
 * Time comes from `Clock`, so on `TestClock` nothing takes longer than it has to. Connections keep the laws of TCP:
 * bytes arrive whole and in order, the end of a side arrives behind its bytes, a reset throws away what was not read.
 * TLS is played: a certificate is the TubId that it proves, as in `MemoryTransport`, and the records can be told from
 * plaintext, so that a byte of the one in place of the other fails the handshake.
 *
 * ```ts
 * import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
 * import { Effect } from "effect"
 *
 * const test = Effect.gen(function* () {
 *   const network = yield* SimulatedNetwork.make({ hosts: ["a", "b"], seed: 42, way: { latency: "20 millis" } })
 *   const port = yield* network.listen("b", 4711)
 *   const client = yield* network.connect("a", port.address)
 *   yield* network.partition("a", "b")
 *   yield* client.write(new Uint8Array(5)) // arrives after network.heal("a", "b")
 * })
 * ```
 *
 * What is left out: names are not looked up (a host is reached by its name), a connection attempt that nothing answers
 * hangs until it is interrupted, and room in a peer's buffer is heard of at once, whatever the way back is like.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { PlainTransport } from "../Transport.ts"
import * as Connection from "./simulated/Connection.ts"
import type { End } from "./simulated/End.ts"
import { type Address, Hosts, type Listener, textOf } from "./simulated/Hosts.ts"
import type { Conditions, Passage } from "./simulated/Route.ts"
import * as SimulatedTransport from "./simulated/SimulatedTransport.ts"
import { Timeline } from "./simulated/Timeline.ts"

/**
 * What a system call says when it fails, in the words of Node: `connect ECONNREFUSED b:4711`.
 *
 * @category errors
 * @since 0.1.0
 */
export class SystemError extends Schema.TaggedError<SystemError>("@effect-foolscap/negotiation/testing/SystemError")(
  "SystemError",
  {
    /** No such host, nobody listens there, somebody listens there already. */
    code: Schema.Literals(["ENOTFOUND", "ECONNREFUSED", "EADDRINUSE"]),
    address: Schema.String
  }
) {
  override get message() {
    const call = { ENOTFOUND: "getaddrinfo", ECONNREFUSED: "connect", EADDRINUSE: "listen" }[this.code]
    return `${call} ${this.code} ${this.address}`
  }
}

/**
 * What the way between two hosts is like, in both directions.
 *
 * @category models
 * @since 0.1.0
 */
export interface Way {
  /** How long a segment takes, one way. Without, it arrives in the scheduler's next turn. */
  readonly latency?: Duration.Input
  /** Up to how much longer a segment may take. */
  readonly jitter?: Duration.Input
  /** Bytes are cut at random into segments of 1 to this many. Without, they stay as they are written. */
  readonly chunk?: number
  /** How long a connection may be silent before a router on the way forgets it, as by `forget`. Without, for ever. */
  readonly forgetAfter?: Duration.Input
}

/**
 * A TCP port that is being listened on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Port {
  /** Where it listens. `port` is the real one, also when 0 was asked for. */
  readonly address: Address
  /** The next connection that arrives, which the Scope destroys. Interrupted when the port is closed. */
  readonly arrival: Effect.Effect<PlainTransport, never, Scope.Scope>
  /** Frees the port. Who came to it before that stays, and can still be taken. Safe to call more than once. */
  readonly stop: Effect.Effect<void>
}

/**
 * A simulated network. Every fault is over with `heal`, or is done with at once; connections that were opened before and
 * connections that are opened later meet the same faults, if not said otherwise. A host that does not exist is a defect
 * everywhere but in `connect`.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedNetwork {
  /**
   * Listens on a port of a host until the Scope closes, which drops the connections that came to it. Port 0 is any
   * free one. Fails with `EADDRINUSE`.
   */
  readonly listen: (host: string, port: number) => Effect.Effect<Port, SystemError, Scope.Scope>
  /**
   * Connects a host to a port of another, or of its own. The transport belongs to the Scope. Fails with `ENOTFOUND` or, once
   * there was time for an answer, `ECONNREFUSED`.
   */
  readonly connect: (from: string, to: Address) => Effect.Effect<PlainTransport, SystemError, Scope.Scope>
  /** Gives the way between two hosts other properties, for what is sent from now on. */
  readonly change: (a: string, b: string, way: Way) => Effect.Effect<void>
  /** Holds back everything in one direction until `heal`. Nothing is lost, as TCP would send it again. */
  readonly stall: (from: string, to: string) => Effect.Effect<void>
  /**
   * Holds back everything between two hosts until `heal`: connections stay open and say nothing, and new attempts hang.
   */
  readonly partition: (a: string, b: string) => Effect.Effect<void>
  /**
   * Loses everything in one direction until `heal`, without a word. A connection that has lost a byte never gets
   * anything across in that direction again; only new ones do.
   */
  readonly lose: (from: string, to: string) => Effect.Effect<void>
  /** Ends `stall`, `partition` and `lose` between two hosts. What was held back goes on its way. */
  readonly heal: (a: string, b: string) => Effect.Effect<void>
  /**
   * Makes every router between two hosts forget the connections there are, as a NAT does with idle ones: whatever they
   * say is lost from now on, and neither side hears of an end. New connections work.
   */
  readonly forget: (a: string, b: string) => Effect.Effect<void>
  /** Resets the connections between two hosts, for both ends. */
  readonly reset: (a: string, b: string) => Effect.Effect<void>
  /** Finishes the side `from` of the connections between two hosts, as a proxy may. What `from` writes later is lost. */
  readonly halfClose: (from: string, to: string) => Effect.Effect<void>
  /**
   * Takes the power from a host, and gives it back at once: its connections and ports are gone, and the peers hear of it
   * only when they send something, which is answered with a reset. Its programs have to be ended by whoever runs them.
   */
  readonly crash: (host: string) => Effect.Effect<void>
}

const millis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

const conditionsOf = ({ chunk, forgetAfter, jitter = 0, latency = 0 }: Way): Conditions => ({
  latency: millis(latency),
  jitter: millis(jitter),
  chunk,
  forgetAfter: forgetAfter === undefined ? undefined : millis(forgetAfter)
})

/**
 * A network between `hosts`, whose connections are gone when the Scope closes. In a test use `within`. `way` holds between any two of them, and
 * within one, until it is changed. `observe` is told of every segment and what became of it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (options: {
  readonly hosts: ReadonlyArray<string>
  readonly seed: string | number
  readonly way?: Way
  readonly observe?: (passage: Passage) => void
}): Effect.fn.Return<SimulatedNetwork, never, Scope.Scope> {
  const timeline = yield* Timeline.make
  const random = yield* Random.withSeed(Random.Random, options.seed)
  const { hosts, observe } = options
  const conditions = conditionsOf(options.way ?? {})
  const network = new Hosts({ hosts, conditions, timeline, random, observe })
  yield* Effect.addFinalizer(() => Effect.sync(() => network.vanish()))

  const listen: SimulatedNetwork["listen"] = Effect.fnUntraced(function* (host, port) {
    const address = { host, port: port === 0 ? network.freePort() : port }
    const arrivals = yield* Queue.unbounded<End>()
    const listener: Listener = { arrive: (end) => void Queue.offerUnsafe(arrivals, end), ends: new Set() }
    const opened = network.listen(address, listener)
    if (!opened) return yield* new SystemError({ code: "EADDRINUSE", address: textOf(address) })
    yield* Effect.addFinalizer(() =>
      Effect.andThen(
        Effect.sync(() => network.close(address, listener)),
        Queue.shutdown(arrivals)
      )
    )
    const arrival = Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(Queue.take(arrivals)), (end) =>
        Effect.as(
          Effect.addFinalizer(() => Effect.sync(() => end.drop())),
          SimulatedTransport.make(end)
        )
      )
    )
    return { address, arrival, stop: Effect.sync(() => network.stop(address, listener)) }
  })

  const connect: SimulatedNetwork["connect"] = Effect.fnUntraced(function* (from, to) {
    if (!hosts.includes(to.host)) return yield* new SystemError({ code: "ENOTFOUND", address: to.host })
    const connection = network.connection(from, to)
    const refused = () => new SystemError({ code: "ECONNREFUSED", address: textOf(to) })
    yield* Connection.open(connection, () => network.listener(to), refused)
    return SimulatedTransport.make(connection.client)
  })

  const fault =
    <Args extends ReadonlyArray<string>>(happen: (...args: Args) => void) =>
    (...args: Args) =>
      Effect.sync(() => happen(...args))
  const stall = (from: string, to: string) => {
    network.route(from, to).isStalled = true
  }

  return {
    listen,
    connect,
    change: (a, b, way) =>
      Effect.sync(() => {
        for (const route of network.routes(a, b)) route.conditions = conditionsOf(way)
      }),
    stall: fault(stall),
    partition: fault((a: string, b: string) => {
      stall(a, b)
      stall(b, a)
    }),
    lose: fault((from: string, to: string) => {
      network.route(from, to).isLossy = true
    }),
    heal: fault((a: string, b: string) => {
      for (const route of network.routes(a, b)) route.heal()
    }),
    forget: fault((a: string, b: string) => {
      for (const { mapping } of network.between(a, b)) mapping.isForgotten = true
    }),
    reset: fault((a: string, b: string) => {
      for (const { client, mapping, server } of network.between(a, b)) {
        mapping.isForgotten = true
        timeline.after(0, () => {
          client.receiveReset()
          server.receiveReset()
        })
      }
    }),
    halfClose: fault((from: string, to: string) => {
      for (const { client, server } of network.between(from, to)) (client.host === from ? client : server).cutOff()
    }),
    crash: fault((host: string) => network.crash(host))
  }
})

/**
 * A network for as long as `use` runs, with a Scope that closes after the network is gone.
 *
 * For tests: closing a link in good order takes time, which on a clock that nobody moves any more would be for ever. Here
 * everything that is still open has lost its network by then, and is closed at once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const within = <A, E, R>(
  options: Parameters<typeof make>[0],
  use: (network: SimulatedNetwork) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      const [around, inside] = [yield* Scope.make(), yield* Scope.make()]
      const network = yield* Scope.provide(make(options), around)
      return yield* restore(Scope.provide(use(network), inside)).pipe(
        Effect.onExit((exit) => Effect.andThen(Scope.close(around, exit), Scope.close(inside, exit)))
      )
    })
  )
