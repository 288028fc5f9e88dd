/**
 * `tub demo`: two Tubs and a redirector on loopback in one process, and their whole conversation drawn as a timeline.
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

    yield* say(`Tubs, each known only by the hash of a certificate it made itself, connect
over real sockets and real TLS on this machine. No authority vouches for them.`)

    const lines: Array<Timeline.Line> = []
    const record = (line: Timeline.Line) => lines.push(line)
    const [low, middle, high] = yield* Effect.map(
      Effect.all([Certificate.generate(), Certificate.generate(), Certificate.generate()], { concurrency: 3 }),
      (identities) => identities.sort((a, b) => (a.tubId < b.tubId ? -1 : 1))
    )
    if (low === undefined || middle === undefined || high === undefined) return
    const alice = yield* enter(low, { name: "Alice", place: "left" }, record)
    const bob = yield* enter(high, { name: "Bob", place: "right" }, record)
    const carol = yield* enter(middle, { name: "Carol", place: "right" }, record, new Map([[bob.tubId, [bob.hint]]]))
    const nameOf = (tubId: string) =>
      [alice, bob, carol].find((player) => player.tubId === tubId)?.name ?? "somebody else"

    const begin = (title: string) => {
      lines.length = 0
      return say(`\n${ink.bold(title)}`)
    }
    /** Draws what Alice and `other` said, which began at `start`. */
    const draw = (other: Timeline.Actor, said: ReadonlyArray<Timeline.Line>, start = said[0]?.moment.at ?? 0) =>
      say(["", Timeline.head(alice, other, ink), ...Timeline.steps(said, { start, nameOf, ink })].join("\n"))

    /** `from` dials `to`, and may be told that it is at the hint of `by`. */
    const meet = Effect.fnUntraced(function* (title: string, from: Player, to: Player, by = to) {
      yield* begin(title)
      const arriving = yield* Effect.forkChild(to.arrival, { startImmediately: true })
      const { connection, hint, redirects } = yield* from.dial(
        { tubId: to.tubId, hints: [by.hint] },
        { redirected: (redirect) => tell(Report.redirected(redirect)) }
      )
      const accepted = yield* Effect.fromResult(yield* Fiber.join(arriving))
      if (by === to) yield* draw(bob, lines)
      else {
        const sentOn = lines.findLastIndex(({ actor }) => actor.tubId === by.tubId) + 1
        const secured = lines.findIndex(({ moment }) => moment._tag === "Secured") + 1
        yield* draw(by, lines.slice(0, sentOn))
        yield* draw(bob, lines.slice(sentOn, secured), lines[0]?.moment.at)
        yield* say(Timeline.across("Hellos and Decision as before", " ", ink))
      }
      yield* tell(Report.negotiated(connection, { hint: hint.text, redirects }))
      yield* tell(Report.negotiated(accepted))
      yield* say(agreement(connection, accepted, ink))
      yield* connection.close
    }, Effect.scoped)

    yield* meet("1. Alice dials Bob. The higher TubId decides: Bob.", alice, bob)
    yield* meet("2. Bob dials Alice. Who called makes no difference: Bob decides again.", bob, alice)
    yield* meet("3. Alice has an old address of Bob's, where Carol is now. Carol sends her on.", alice, bob, carol)

    yield* begin("4. Alice asks Bob's port for a Tub that is not there.")
    const nobody = TubId.make("a".repeat(32))
    const refused = yield* Effect.flip(Effect.scoped(alice.dial({ tubId: nobody, hints: [bob.hint] })))
    yield* draw(bob, lines)
    for (const { error } of refused.attempts) {
      if (error._tag !== "NegotiationError") continue
      const { message, phase, reason } = error
      yield* tell(Report.failed(error, { hint: bob.hint.text }))
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

const agreement = (dialled: NegotiatedConnection, accepted: NegotiatedConnection, ink: Timeline.Ink): string => {
  const { deciding, encrypted, plaintext } = Report.timings(dialled).phases
  const agreed = dialled.seqnum === accepted.seqnum && Equal.equals(dialled.parameters, accepted.parameters)
  const phases = [plaintext, encrypted, deciding].map((phase) => phase.toFixed(1)).join(" + ")
  return agreed
    ? `          ${ink.good("✔")} one link, number ${dialled.seqnum} for both; phases took ${phases} ms`
    : `          ${ink.bad("✘")} the two sides disagree`
}
