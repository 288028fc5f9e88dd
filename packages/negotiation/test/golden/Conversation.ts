/**
 * One connection of a recording, played once more with our service at one end and a raw peer at the other.
 *
 * Our service must say, byte for byte and in the same order, what its Foolscap original said. What the other side said
 * arrives as late as the recording allows, because a recording shows when bytes were written, not when they were read:
 * that is what reproduces the order in which parallel connections were decided.
 */
import { assert } from "@effect/vitest"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { LinkEnd } from "../../src/Link.ts"
import type { NegotiatedConnection } from "../../src/NegotiatedConnection.ts"
import { type Difference, firstToClose } from "./Differences.ts"
import { awaited, endingFor, endingOf } from "./Expected.ts"
import { type Happened, type Layer, type Said, toBytes, type Transcript } from "./Fixtures.ts"
import type { Process } from "./Process.ts"
import * as RawPeer from "./RawPeer.ts"

export interface Delivery {
  /** Everything the peer has said and we have not heard yet arrives in one piece, and not one block at a time. */
  readonly joined?: boolean
  /** How each write is cut on its way, in both directions. */
  readonly split?: RawPeer.Split
}

/** What the raw end has still to do: say something, or begin TLS. */
type Step = { readonly layer: Layer; readonly bytes: string } | "startTls"

type Event = Transcript["events"][number]
export const isSaid = (event: Event): event is Said => "from" in event
const isOf = (event: Event, connection: number): event is Said | Happened =>
  "connection" in event && event.connection === connection

/** One connection between our service and a raw end. */
export const make = Effect.fnUntraced(function* (
  transcript: Transcript,
  ours: string,
  self: Process,
  number: number,
  delivery: Delivery
) {
  const events = transcript.events.filter((event) => isOf(event, number))
  const said = events.filter(isSaid)
  const blocks = said.filter(({ from, phase }) => from !== ours && phase !== "BANANA").length
  const theyStartTls = events.some((event) => !isSaid(event) && event.event === "starttls" && event.side !== ours)
  const side = said[0]?.from === ours ? "client" : "server"
  const theirs = transcript.tubs[said.find(({ from }) => from !== ours)?.from ?? ""]
  assert.isDefined(theirs)
  const raw = yield* RawPeer.make({
    side: side === "client" ? "server" : "client",
    proves: theirs.tubId,
    split: delivery.split
  })
  const wanted = TubId.make(/^GET \/id\/(\S+)/.exec(said[0]?.bytes ?? "")?.[1] ?? "")
  const negotiating = yield* Effect.forkScoped(
    RawPeer.lettingGo(side === "client" ? self.dial(raw.ours, { wanted, host: "127.0.0.1" }) : self.accept(raw.ours))
  )
  const queue: Array<Step> = []
  let toBeHeard = ""
  let heard = () => ""
  let connection: NegotiatedConnection | undefined
  let ended: LinkEnd | undefined
  let hasClosed = false

  const deliver = Effect.suspend(() => {
    const step = queue.shift()
    if (step === undefined) return Effect.void
    if (step === "startTls") return raw.startTls
    let { bytes } = step
    for (let next = queue[0]; delivery.joined && next !== undefined && next !== "startTls"; next = queue[0]) {
      if (next.layer !== step.layer) break
      bytes += next.bytes
      queue.shift()
    }
    return raw.say(step.layer, bytes)
  })
  const deliverAll = Effect.gen(function* () {
    while (queue.length > 0) yield* deliver
    yield* raw.settle
  })
  /** Delivers one step after another until something has happened. */
  const advance = (condition: () => boolean) =>
    Effect.gen(function* () {
      while (!(yield* raw.until(condition))) {
        if (queue.length === 0) return false
        yield* deliver
      }
      return true
    })
  const hear = (layer: Layer, text: string, where: string) =>
    Effect.gen(function* () {
      yield* advance(() => raw.pending(layer).length >= text.length || raw.hasEnded())
      assert.strictEqual(raw.take(layer, text.length), text, where)
    })

  /** The connection that the negotiation has led to. Its reader reads from now on. */
  const established = Effect.gen(function* () {
    yield* advance(() => negotiating.pollUnsafe() !== undefined)
    assert.strictEqual(endingOf(negotiating.pollUnsafe()).tag, "Connected")
    const settled = yield* Effect.orDie(Fiber.join(negotiating))
    connection = settled
    yield* settled.ended.pipe(
      Effect.tap((end) => Effect.sync(() => (ended = end))),
      Effect.forkScoped
    )
    heard = yield* RawPeer.read(settled)
    return settled
  })

  const switched = Effect.fnUntraced(function* (event: Happened, where: string) {
    const { incarnations, parameters, role, seqnum } = yield* established
    const decision = said.find(({ bytes }) => bytes.startsWith("banana-decision-version:"))
    assert.deepStrictEqual([parameters.version, parameters.vocabulary], [event.version, event.vocabulary], where)
    assert.strictEqual(role, decision?.from === ours ? "Master" : "NonMaster", where)
    assert.strictEqual(String(seqnum), /current-connection: \S+ (\d+)/.exec(decision?.bytes ?? "")?.[1], where)
    if (event.seqnum === undefined) return // only a Foolscap Master notes these
    assert.strictEqual(seqnum, event.seqnum, where)
    assert.strictEqual(incarnations.remote ?? null, event.remoteIncarnation, where)
  })

  const failed = Effect.fnUntraced(function* (event: Happened, difference: Difference | undefined, where: string) {
    yield* advance(() => negotiating.pollUnsafe() !== undefined)
    const expected = difference?.ending ?? endingFor(event.error ?? "", awaited(side, blocks))
    assert.deepStrictEqual(endingOf(negotiating.pollUnsafe()), expected, where)
  })

  const closed = Effect.fnUntraced(function* (event: Happened, difference: Difference | undefined, where: string) {
    const first = firstToClose(transcript.name, event.n)
    if (first === ours) {
      hasClosed = true
      yield* connection === undefined ? Fiber.interrupt(negotiating) : Effect.andThen(deliverAll, connection.close)
    } else if (first !== undefined || event.side === ours) {
      yield* deliverAll
      yield* raw.finish
    }
    if (event.side !== ours) {
      assert.isTrue(yield* advance(raw.hasEnded), `${where}: the peer sees the end`)
    } else if (connection !== undefined) {
      yield* raw.until(() => ended !== undefined)
      assert.strictEqual(ended?._tag, hasClosed ? "Closed" : (difference?.ends ?? "ClosedByPeer"), where)
    }
  })

  return {
    /** The connection as far as the tables know it. */
    end: () => ({ connection, isAlive: connection !== undefined && ended === undefined }),

    said: Effect.fnUntraced(function* (event: Said, difference: Difference | undefined, where: string) {
      if (event.from !== ours) {
        queue.push({ layer: event.layer, bytes: event.bytes })
        if (event.phase === "BANANA") toBeHeard += event.bytes
        return
      }
      const says = difference?.says ?? event.bytes
      if (event.phase === "BANANA" && connection !== undefined && says !== "") {
        yield* deliverAll // what is said here may be the answer to it
        const writer = yield* connection.socket.writer
        yield* Effect.orDie(writer.write(toBytes(says)))
      }
      yield* hear(event.layer, says, where)
    }),

    happened: Effect.fnUntraced(function* (event: Happened, difference: Difference | undefined, where: string) {
      if (difference?.says !== undefined) yield* hear("tls", difference.says, where)
      if (difference?.connectsInstead) {
        yield* established
        return
      }
      switch (event.event) {
        case "starttls":
          if (theyStartTls) queue.push("startTls")
          return
        case "switch-to-banana":
          if (event.side === ours) yield* switched(event, where)
          return
        case "negotiation-failed":
          if (event.side === ours) yield* failed(event, difference, where)
          return
        case "close-seen":
          return yield* closed(event, difference, where)
      }
    }),

    checkNothingElse: Effect.gen(function* () {
      yield* deliverAll
      assert.strictEqual(raw.pending("tcp") + raw.pending("tls"), "", `connection ${number}: nothing else is said`)
      if (connection !== undefined) assert.strictEqual(heard(), toBeHeard, `connection ${number}: Banana comes whole`)
    })
  }
})
