/**
 * `tub demo`: two Tubs on loopback in one process, and their whole conversation drawn as a timeline.
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Fiber from "effect/Fiber"
import * as Stdio from "effect/Stdio"
import { enter, type Player } from "../demo/Scene.ts"
import * as Timeline from "../demo/Timeline.ts"
import * as Report from "../Report.ts"
import { json } from "./Json.ts"

export const demo = Command.make(
  "demo",
  { json },
  Effect.fn("tub demo")(function* ({ json }) {
    const stdio = yield* Stdio.Stdio
    const ink = (yield* stdio.stdoutIsTerminal) && !process.env["NO_COLOR"] ? Timeline.colours : Timeline.blackAndWhite
    const say = (text: string) => (json ? Effect.void : Console.log(text))
    const tell = (event: Report.Event) => (json ? Console.log(JSON.stringify(event)) : Effect.void)

    yield* say(`Two Tubs, each known only by the hash of a certificate it made itself, connect
over real sockets and real TLS on this machine. No authority vouches for them.`)

    const lines: Array<Timeline.Line> = []
    const record = (line: Timeline.Line) => lines.push(line)
    const [low, high] = yield* Effect.map(
      Effect.all([Certificate.generate(), Certificate.generate()], { concurrency: 2 }),
      (identities) => identities.sort((a, b) => (a.tubId < b.tubId ? -1 : 1))
    )
    if (low === undefined || high === undefined) return
    const alice = yield* enter(low, { name: "Alice", place: "left" }, record)
    const bob = yield* enter(high, { name: "Bob", place: "right" }, record)
    const nameOf = (tubId: string) =>
      tubId === alice.tubId ? alice.name : tubId === bob.tubId ? bob.name : "somebody else"

    const meet = Effect.fnUntraced(function* (title: string, from: Player, to: Player) {
      lines.length = 0
      yield* say(`\n${ink.bold(title)}\n\n${Timeline.head(alice, bob, ink)}`)
      const arriving = yield* Effect.forkChild(to.arrival, { startImmediately: true })
      const dialled = yield* from.dial({ tubId: to.tubId, hints: [to.hint] })
      const accepted = yield* Effect.fromResult(yield* Fiber.join(arriving))
      yield* Effect.forEach(drawn(lines, nameOf, ink, [alice, bob]), say)
      yield* tell(Report.negotiated(dialled, { hint: to.hint.text, redirects: 0 }))
      yield* tell(Report.negotiated(accepted, { redirects: 0 }))
      yield* say(agreement(dialled, accepted, ink))
      yield* dialled.close
    }, Effect.scoped)

    yield* meet("1. Alice dials Bob. The higher TubId decides: Bob.", alice, bob)
    yield* meet("2. Bob dials Alice. Who called makes no difference: Bob decides again.", bob, alice)

    lines.length = 0
    const nobody = TubId.make("a".repeat(32))
    yield* say(
      `\n${ink.bold("3. Alice asks Bob's port for a Tub that is not there.")}\n\n${Timeline.head(alice, bob, ink)}`
    )
    const refused = yield* Effect.flip(Effect.scoped(alice.dial({ tubId: nobody, hints: [bob.hint] })))
    yield* Effect.forEach(drawn(lines, nameOf, ink, [alice, bob]), say)
    for (const { error } of refused.attempts) {
      if (error._tag !== "NegotiationError") continue
      const { message, phase, reason } = error
      yield* tell(Report.failed(error, bob.hint.text))
      yield* say(
        `          ${ink.bad("✘")} a typed ${error._tag} { phase: "${phase}", reason: ${reason._tag} }\n            "${message.replace(/[a-z2-7]{32}/, Timeline.short)}"`
      )
    }
    yield* say(`
Now with two terminals, or two machines:

  npx tub id create --out tub.pem
  npx tub serve --identity tub.pem --listen tcp:4711
  npx tub dial 'pb://...'          the FURL that serve prints`)
  }, Effect.scoped)
).pipe(Command.withDescription("Show two Tubs connecting on this machine, step by step"))

/** The conversation so far, one line of text for each step. */
const drawn = (
  lines: ReadonlyArray<Timeline.Line>,
  nameOf: (tubId: string) => string,
  ink: Timeline.Ink,
  [left, right]: readonly [Timeline.Actor, Timeline.Actor]
): ReadonlyArray<string> => {
  const start = lines[0]?.moment.at ?? 0
  const secured = lines.filter(({ moment }) => moment._tag === "Secured")
  const steps: Array<string> = []
  let hellos = 0
  for (const { actor, moment } of lines) {
    if (moment._tag === "Secured") {
      // Both sides report it; it is one event.
      if (moment !== secured[0]?.moment) continue
      steps.push(Timeline.across("TLS: each shows a certificate and proves its key", "═", ink))
      continue
    }
    const gist = Timeline.gist(moment.bytes, nameOf)
    steps.push(Timeline.arrow(actor.place, moment.at - start, gist, ink))
    if (gist.startsWith("Hello") && ++hellos === 2) {
      const master = left.tubId > right.tubId ? left : right
      steps.push(Timeline.across(`certificates fit; the higher TubId is ${master.name}'s`, " ", ink))
    }
  }
  return steps
}

const agreement = (dialled: NegotiatedConnection, accepted: NegotiatedConnection, ink: Timeline.Ink): string => {
  const { deciding, encrypted, plaintext } = Report.negotiated(dialled, { redirects: 0 }).phases
  const agreed = dialled.seqnum === accepted.seqnum && Equal.equals(dialled.parameters, accepted.parameters)
  const phases = [plaintext, encrypted, deciding].map((phase) => phase.toFixed(1)).join(" + ")
  return agreed
    ? `          ${ink.good("✔")} one link, number ${dialled.seqnum} for both; phases took ${phases} ms`
    : `          ${ink.bad("✘")} the two sides disagree`
}
