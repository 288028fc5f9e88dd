/**
 * The hosts of a simulated network: the routes between them, what listens on them, and the connections there are.
 *
 * @since 0.1.0
 */
import type * as Random from "effect/Random"
import * as Connection from "./Connection.ts"
import type { End } from "./End.ts"
import { type Conditions, type Passage, Route } from "./Route.ts"
import type { Timeline } from "./Timeline.ts"

/**
 * A TCP port of a host.
 *
 * @category models
 * @since 0.1.0
 */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * An address as people write it.
 *
 * @category formatting
 * @since 0.1.0
 */
export const textOf = ({ host, port }: Address): string => `${host}:${port}`

/**
 * What listens on a port.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listener {
  readonly arrive: (end: End) => void
  /** The ends it was given. */
  readonly ends: Set<End>
}

// The first of the ports that systems give to clients.
const ephemeral = 49_152

/**
 * A fixed set of hosts, each with a route to every other and to itself.
 *
 * @category models
 * @since 0.1.0
 */
export class Hosts {
  private readonly timeline: Timeline
  private readonly ways: ReadonlyMap<string, Route>
  private readonly listeners = new Map<string, Listener>()
  private readonly connections = new Set<Connection.Connection>()
  private opened = 0
  private nextPort = ephemeral

  constructor(options: {
    readonly hosts: ReadonlyArray<string>
    readonly conditions: Conditions
    readonly timeline: Timeline
    readonly random: Random.Random
    readonly observe: ((passage: Passage) => void) | undefined
  }) {
    const { hosts, ...shared } = options
    this.timeline = options.timeline
    this.ways = new Map(
      hosts.flatMap((from) => hosts.map((to) => [`${from} ${to}`, new Route({ from, to, ...shared })]))
    )
  }

  route(from: string, to: string): Route {
    const found = this.ways.get(`${from} ${to}`)
    if (found === undefined) throw new Error(`this network has no hosts ${from} and ${to}`)
    return found
  }

  routes(a: string, b: string): ReadonlyArray<Route> {
    return [this.route(a, b), this.route(b, a)]
  }

  freePort(): number {
    return this.nextPort++
  }

  /** Whether nobody has listened there before. */
  listen(address: Address, listener: Listener): boolean {
    this.route(address.host, address.host)
    if (this.listeners.has(textOf(address))) return false
    this.listeners.set(textOf(address), listener)
    return true
  }

  /** Ends the listening. */
  stop(address: Address, listener: Listener): void {
    // Afterwards, as after a crash, somebody else may have the port.
    if (this.listeners.get(textOf(address)) === listener) this.listeners.delete(textOf(address))
  }

  /** Ends the listening, and the connections that came of it. */
  close(address: Address, listener: Listener): void {
    this.stop(address, listener)
    for (const end of listener.ends) end.drop()
  }

  /** What happens to the end of a connection that is opened to an address; `undefined` where nobody listens. */
  listener(address: Address): ((end: End) => void) | undefined {
    const listener = this.listeners.get(textOf(address))
    if (listener === undefined) return undefined
    return (end) => {
      if (this.listeners.get(textOf(address)) !== listener) return end.abort()
      for (const earlier of listener.ends) if (earlier.isOver) listener.ends.delete(earlier)
      listener.ends.add(end)
      listener.arrive(end)
    }
  }

  /** A connection that is about to be opened. */
  connection(from: string, to: Address): Connection.Connection {
    for (const connection of this.connections) {
      if (connection.client.isOver && connection.server.isOver) this.connections.delete(connection)
    }
    const connection = Connection.make({
      number: ++this.opened,
      now: this.timeline.now,
      client: { address: textOf({ host: from, port: this.freePort() }), route: this.route(from, to.host) },
      server: { address: textOf(to), route: this.route(to.host, from) }
    })
    this.connections.add(connection)
    return connection
  }

  /** The connections between two hosts, whoever opened them. */
  between(a: string, b: string): ReadonlyArray<Connection.Connection> {
    this.route(a, b)
    return [...this.connections].filter(({ client, server }) => {
      const ends = [client.host, server.host]
      return ends.join(" ") === `${a} ${b}` || ends.join(" ") === `${b} ${a}`
    })
  }

  /** Everything on a host is gone without a word. */
  crash(host: string): void {
    this.route(host, host)
    for (const address of [...this.listeners.keys()]) {
      if (address.startsWith(`${host}:`)) this.listeners.delete(address)
    }
    for (const { client, server } of this.connections) {
      for (const end of [client, server]) if (end.host === host) end.vanish()
    }
  }

  /** Everything is gone. */
  vanish(): void {
    for (const { client, server } of this.connections) {
      client.vanish()
      server.vanish()
    }
  }
}
