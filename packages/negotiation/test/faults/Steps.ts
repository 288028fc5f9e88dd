/**
 * What a misbehaving peer does, one step after another. `Peer.play` says everything at once; here the moment counts.
 * Such a peer listens only where a step says so, and to whatever is left when its steps are done.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Side } from "../../src/policy/Master.ts"
import type { Credentials, PlainTransport, Transport } from "../../src/Transport.ts"
import type { TransportError } from "../../src/TransportError.ts"
import { textOf } from "../Noise.ts"
import type { Heard } from "../Peer.ts"

/** One peer in the middle of its steps. */
export interface Saboteur {
  readonly as: Side
  readonly proves: Credentials
  readonly plain: PlainTransport
  /** The plain transport, and after `startTls` the secure one. */
  transport: Transport
  readonly heard: Heard
  readonly said: Heard
  /** Breaks the connection for the other side. */
  readonly breakOff: Effect.Effect<void>
  /** When it began to misbehave, in milliseconds. */
  misbehavedAt: number | undefined
}

export type Step = (peer: Saboteur) => Effect.Effect<void, TransportError>

/** Says `text`, one byte for each character, in one piece. Whether anybody still listens is not its concern. */
export const say =
  (text: string): Step =>
  ({ plain, said, transport }) =>
    Effect.suspend(() => {
      said[transport === plain ? "clear" : "secret"] += text
      return Effect.ignore(transport.write(Buffer.from(text, "latin1")))
    })

/** Says each character by itself: the worst that a network does. */
export const spell =
  (text: string): Step =>
  (peer) =>
    Effect.forEach(text, (character) => say(character)(peer), { discard: true })

/** Hears one block in clear: the GET or its answer. */
export const hear: Step = ({ heard, transport }) =>
  Effect.whileLoop({
    while: () => !heard.clear.includes("\r\n\r\n"),
    body: () => transport.pull,
    step: (chunk) => {
      heard.clear += textOf(chunk)
    }
  })

export const startTls: Step = (peer) =>
  Effect.map(peer.plain.startTls({ side: peer.as, credentials: peer.proves, early: new Uint8Array(0) }), (secure) => {
    peer.transport = secure
  })

/** Lets everybody else do what there is to do, in too little time to show in the table. */
export const pause: Step = () => Effect.sleep("2 millis")

/** Does nothing, and does not even listen, for longer than any deadline. */
export const wait: Step = () => Effect.sleep("4 minutes")

/** Ends its side in good order. */
export const finish: Step = ({ transport }) => transport.finish

export const reset: Step = ({ breakOff }) => breakOff

/** From here on it misbehaves, if it has not done so before. */
export const misbehave: Step = (peer) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    peer.misbehavedAt ??= now
  })

const hearTheRest: Step = ({ heard, plain, transport }) =>
  Effect.forever(
    Effect.map(transport.pull, (chunk) => {
      heard[transport === plain ? "clear" : "secret"] += textOf(chunk)
    })
  )

/** Takes all steps, up to the one that the other side no longer lets it take, and then hears the connection out. */
export const take = (steps: ReadonlyArray<Step>, peer: Saboteur): Effect.Effect<void> =>
  Effect.forEach(steps, (step) => step(peer), { discard: true }).pipe(
    Effect.ignore,
    Effect.andThen(Effect.suspend(() => Effect.ignore(hearTheRest(peer))))
  )
