/** Some steps of one question: negotiates with so many peers known, Tubs behind the Listener, hints or redirects. */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as LocalTub from "@effect-foolscap/negotiation/LocalTub"
import * as Effect from "effect/Effect"
import { setTimeout } from "node:timers/promises"
import { answer } from "../../Answering.ts"
import { processorMilliseconds } from "../../Stopwatch.ts"
import type { PlaceName, Question } from "../Questions.ts"
import * as Acquaintance from "./Acquaintance.ts"
import { anyTubId, type Place, places } from "./Place.ts"
import * as Program from "./Program.ts"

/** One negotiation, from the dial until the link is closed again. Dies if it was not the one that was meant. */
type Negotiate = (turn: number) => Effect.Effect<void, Error>

const check = (isMeant: boolean, what: string) =>
  isMeant ? Effect.void : Effect.die(new Error(`another negotiation was meant: ${what}`))

const makeTub = (place: Place) => Effect.flatMap(place.identity, LocalTub.make)

/** A Tub that dials, others that listen, and where the first of these is dialled. */
const begin = Effect.fnUntraced(function* (place: Place, listening: number) {
  const client = yield* makeTub(place)
  const here = yield* Effect.replicateEffect(makeTub(place), listening)
  const [memory, theirs] = [yield* Program.makeMemory, yield* Program.makeMemory]
  const hint = yield* Program.listen(place, { memory: theirs, here })
  const dial = yield* Program.dialler(place, { memory, tub: client })
  return { client, here, memory, theirs, hint, dial, first: (here[0] ?? client).tubId }
})

const strangers = (count: number): ReadonlyArray<Acquaintance.Peer> =>
  Array.from({ length: count }, (_, at) => ({ tubId: anyTubId(), incarnation: at.toString(16).padStart(16, "0") }))

// Both Tubs know as many peers, and each other.
const peers = Effect.fnUntraced(function* (place: Place, known: number) {
  const { client, dial, here, hint, memory, theirs, first } = yield* begin(place, 1)
  yield* Acquaintance.meet(memory, client, [...strangers(known - 1), ...here])
  yield* Acquaintance.meet(theirs, { ...client, ...here[0] }, [...strangers(known - 1), client])
  const negotiate: Negotiate = (turn) =>
    Effect.scoped(
      Effect.flatMap(dial({ tubId: first, hints: [hint] }), ({ connection: { seqnum } }) =>
        // They have met once before.
        check(seqnum === turn + 2, `its number is ${seqnum} in turn ${turn}`)
      )
    )
  return negotiate
})

// Each of them in turn.
const tubs = Effect.fnUntraced(function* (place: Place, listening: number) {
  const { dial, first, here, hint } = yield* begin(place, listening)
  const negotiate: Negotiate = (turn) => {
    const tubId = here[turn % here.length]?.tubId ?? first
    return Effect.scoped(
      Effect.flatMap(dial({ tubId, hints: [hint] }), ({ connection: { peer, seqnum } }) =>
        check(peer === tubId && seqnum === Math.floor(turn / here.length) + 1, `${seqnum} with ${peer}`)
      )
    )
  }
  return negotiate
})

// At ports of services that no machine has any more. Another one of the system's could be given to somebody meanwhile.
const refusing = [1, 2, 3, 4, 5, 6, 8]

const hints = Effect.fnUntraced(function* (place: Place, count: number) {
  const { dial, first, hint } = yield* begin(place, 1)
  const refused = refusing.slice(0, count - 1).map(place.hintOf)
  for (const nobody of refused) {
    const { attempts } = yield* Effect.flip(Effect.scoped(dial({ tubId: first, hints: [nobody] })))
    yield* check(
      attempts.some(({ error }) => error.message.includes("ECONNREFUSED")),
      `somebody is at ${nobody.text}`
    )
  }
  const negotiate: Negotiate = () =>
    Effect.scoped(
      Effect.flatMap(dial({ tubId: first, hints: [...refused, hint] }), (connected) =>
        check(connected.hint.text === hint.text, `it was found at ${connected.hint.text}`)
      )
    )
  return negotiate
})

const redirects = Effect.fnUntraced(function* (place: Place, count: number) {
  const { dial, first, hint } = yield* begin(place, 1)
  let entrance: LocationHint = hint
  for (let stop = 0; stop < count; stop++) {
    const elsewhere = new Map<TubId, readonly [LocationHint]>([[first, [entrance]]])
    entrance = yield* Program.listen(place, { memory: yield* Program.makeMemory, here: [], elsewhere })
  }
  const negotiate: Negotiate = () =>
    Effect.scoped(
      Effect.flatMap(dial({ tubId: first, hints: [entrance] }), (connected) =>
        check(connected.redirects === count, `${connected.redirects} redirects led to it`)
      )
    )
  return negotiate
})

/** So many negotiations are not counted after garbage was collected. */
const settling = 10

/** So many negotiations of one step are measured at once, before the next step has its turn. */
const block = 5

/** Milliseconds after which servers have taken leave, too, and abandoned attempts are gone. Waiting takes no processor time. */
const leaving = 3

const scenes = { peers, tubs, hints, redirects }

const [, , place, question, ...texts] = process.argv

const program = Effect.gen(function* () {
  const here = yield* places[place as PlaceName] // as the part starts it
  const steps: Array<(times: number) => Promise<void>> = []
  for (const step of texts.map(Number)) {
    const negotiate = yield* scenes[question as Question](here, step)
    let turn = 0
    const next = Effect.suspend(() => negotiate(turn++))
    steps.push((times) => Effect.runPromise(Effect.asVoid(Effect.repeat(next, { times: times - 1 }))))
  }
  yield* Effect.promise(() =>
    answer(`${question} ${texts.join(", ")}, ${place}`, {
      /** Milliseconds for one negotiation of each step. The steps alternate, so that what the machine does falls on all. */
      negotiate: async ({ count }: { readonly count: number }) => {
        globalThis.gc?.()
        // The collector goes on for a while, and has taken everything else out of the processor's caches.
        for (const repeat of steps) await repeat(settling)
        const blocks = Math.ceil(count / block)
        const used = steps.map(() => 0)
        for (let done = 0; done < blocks; done++) {
          for (const [at, repeat] of steps.entries()) {
            const before = processorMilliseconds()
            await repeat(block)
            await setTimeout(leaving)
            used[at] = (used[at] ?? 0) + processorMilliseconds() - before
          }
        }
        return { ms: used.map((ms) => ms / blocks / block) }
      },
      heap: () => {
        globalThis.gc?.()
        return { bytes: process.memoryUsage().heapUsed }
      }
    })
  )
}).pipe(Effect.scoped)

await Effect.runPromise(program)
