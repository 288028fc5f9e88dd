/**
 * `tub dial`: negotiates with the Tub of a FURL and says what came of it.
 */
import * as Furl from "@effect-foolscap/furl/Furl"
import { Deadline } from "@effect-foolscap/negotiation/NegotiationService"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as IdentityFile from "@effect-foolscap/node/IdentityFile"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import type { Attempt } from "@effect-foolscap/tub/ConnectError"
import { Connector, DialDeadline } from "@effect-foolscap/tub/Connector"
import type { Connected } from "@effect-foolscap/tub/Dialling"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { DurationFromInput } from "../DurationFromInput.ts"
import * as ExitCode from "../ExitCode.ts"
import * as Hold from "../Hold.ts"
import { complaint } from "../Invocation.ts"
import * as Report from "../Report.ts"
import { UsageError } from "../UsageError.ts"
import { json } from "./Json.ts"

/** Every hint failed, or the peer refused in the end. What happened has been told. */
class NotConnected extends Schema.TaggedError<NotConnected>("@effect-foolscap/cli/NotConnected")("NotConnected", {
  code: Schema.Int
}) {
  override readonly [Runtime.errorReported] = false
  override get [Runtime.errorExitCode]() {
    return this.code
  }
}

const timeAboveZero = DurationFromInput.check(
  Schema.makeFilter((duration) => Duration.isPositive(duration), { message: "expected a time above zero, such as 10s" })
)

export const dial = Command.make(
  "dial",
  {
    furl: Argument.String("furl").pipe(Argument.withDescription("pb://TUBID@HINT,HINT/NAME, in quotes")),
    identity: Flag.String("identity").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Who to be (see tub id create); by default somebody new"),
      Flag.optional
    ),
    timeout: Flag.String("timeout").pipe(
      Flag.withMetavar("DURATION"),
      Flag.withDescription("How long to try, for example 10s; 2m by default"),
      Flag.withSchema(timeAboveZero),
      Flag.optional
    ),
    hold: Flag.String("hold").pipe(
      Flag.withMetavar("DURATION"),
      Flag.withDescription("How long to keep the link; by default it is closed at once"),
      Flag.withSchema(DurationFromInput),
      Flag.optional
    ),
    json
  },
  Effect.fn("tub dial")(function* ({ furl: text, hold, identity: file, json, timeout }) {
    const furl = yield* Effect.mapError(
      Schema.decodeEffect(Furl.FurlFromString)(text),
      ({ message }) => new UsageError({ message: `not a FURL: ${complaint(message)}` })
    )
    const identity = Option.isSome(file)
      ? yield* IdentityFile.read(file.value)
      : yield* Effect.orDie(Certificate.generate())
    const tell = Report.teller(json)
    // The negotiation at one hint may take as long as the dial over all of them.
    const deadlines = Option.match(timeout, {
      onNone: () => Layer.empty,
      onSome: (duration) => Layer.mergeAll(Layer.succeed(DialDeadline)(duration), Layer.succeed(Deadline)(duration))
    })
    const layer = Layer.provide(NodeTub.layer(identity), deadlines)

    yield* Effect.gen(function* () {
      const connector = yield* Connector
      const { connection, hint, redirects } = yield* connector.dial(furl, {
        redirected: (redirect, { hint, via }) =>
          tell(Report.redirected(redirect), `${[...via, hint.text].join(" -> ")}: ${redirect.message}`)
      })
      yield* tell(Report.negotiated(connection, { hint: hint.text, redirects }), sentence(connection, hint.text))
      yield* Option.match(hold, {
        onNone: () => Effect.void,
        onSome: (duration) => Effect.timeoutOption(Hold.untilClosed(connection, tell), duration)
      })
      // A peer may refuse after the Master has decided (N25), which only a reader learns.
      const end = yield* connection.ended.pipe(Effect.timeoutOption(0))
      if (Option.isSome(end) && end.value._tag === "RefusedByPeer") {
        return yield* new NotConnected({ code: ExitCode.refused })
      }
    }).pipe(
      Effect.scoped,
      Effect.catchTag("ConnectError", (error) =>
        Effect.gen(function* () {
          for (const attempt of error.attempts) yield* tellOf(tell, attempt)
          if (error.attempts.length === 0) {
            return yield* new UsageError({ message: `the FURL of ${furl.tubId} has no location hints to dial` })
          }
          return yield* new NotConnected({ code: ExitCode.ofConnectError(error) })
        })
      ),
      Effect.provide(layer)
    )
  })
).pipe(
  Command.withDescription("Negotiate with the Tub of a FURL and print the result"),
  Command.withExamples([
    { command: "tub dial 'pb://TUBID@tcp:example.org:4711/tub' --hold 1m", description: "Connect and stay a minute" }
  ])
)

const sentence = (connection: Connected["connection"], hint: string): string => {
  const took = Report.timings(connection).durationMs.toFixed(1)
  const who = connection.role === "Master" ? "we decided" : "the peer decided"
  return [
    `linked with ${connection.peer} at ${hint} in ${took} ms`,
    `Banana ${connection.parameters.version}, vocabulary ${connection.parameters.vocabulary}, connection number ${connection.seqnum ?? "unknown"}; ${who}`
  ].join("\n")
}

const tellOf = (tell: Report.Tell, { error, hint, message: said }: Attempt): Effect.Effect<void> => {
  const failed = (phase: "Connect" | "Plaintext") =>
    tell({ event: "failed", side: "client", phase, reason: error._tag, message: error.message, hint }, said)
  switch (error._tag) {
    // That was told when it was followed.
    case "Redirect":
      return Effect.void
    case "NegotiationError":
      return tell(Report.failed(error, { hint }), said)
    case "Unreachable":
    case "UnknownHint":
    case "NobodyListens":
    case "GaveUp":
      return failed("Connect")
    // A server that redirects has answered.
    case "RedirectLoop":
    case "AlreadyDialled":
    case "AnotherNetwork":
    case "TooManyRedirects":
    case "TooManyLocations":
      return failed("Plaintext")
  }
}
