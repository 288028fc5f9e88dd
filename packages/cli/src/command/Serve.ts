/**
 * `tub serve`: listens as a Tub and says who comes and goes.
 */
import * as Furl from "@effect-foolscap/furl/Furl"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { AnonymousPeers } from "@effect-foolscap/negotiation/NegotiationService"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as IdentityFile from "@effect-foolscap/node/IdentityFile"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import { formatAddress } from "@effect-foolscap/tub/Endpoint"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as MutableRef from "effect/MutableRef"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as ExitCode from "../ExitCode.ts"
import * as Hold from "../Hold.ts"
import * as Invocation from "../Invocation.ts"
import { hintsOf, ListenAddress } from "../ListenAddress.ts"
import { RedirectFromInput } from "../RedirectFromInput.ts"
import * as Report from "../Report.ts"
import { UsageError } from "../UsageError.ts"
import { json } from "./Json.ts"

export const serve = Command.make(
  "serve",
  {
    identity: Flag.String("identity").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Who to be (see tub id create)")
    ),
    listen: Flag.String("listen").pipe(
      Flag.withMetavar("ADDRESS"),
      Flag.withDescription("tcp:PORT or tcp:PORT:interface=ADDR; port 0 takes any free one"),
      Flag.withSchema(ListenAddress)
    ),
    location: Flag.String("location").pipe(
      Flag.withMetavar("HINT"),
      Flag.withDescription("Where others reach this port, as tcp:HOST:PORT; may be given more than once"),
      Flag.withSchema(LocationHint.FromInput),
      Flag.atLeast(0)
    ),
    redirect: Flag.String("redirect").pipe(
      Flag.withMetavar("TUBID=HINT,HINT"),
      Flag.withDescription("Send whoever asks for another Tub to where it lives; may be given more than once"),
      Flag.withSchema(RedirectFromInput),
      Flag.atLeast(0)
    ),
    anonymous: Flag.Literals("anonymous", ["refuse", "accept"]).pipe(
      Flag.withDescription(
        "Clients that show no certificate (tub dial always shows one): refuse them (default) or accept"
      ),
      Flag.withDefault("refuse")
    ),
    json
  },
  Effect.fn("tub serve")(function* ({ anonymous, identity: file, json, listen, location, redirect }) {
    const identity = yield* IdentityFile.read(file)
    const elsewhere = yield* redirectsOf(identity, redirect)
    const tell = Report.teller(json)
    const endpoint = yield* Effect.mapError(NodeEndpoint.listen(listen), ({ message }) => new UsageError({ message }))
    // Foolscap takes no FURL without a name, so there is one, though nothing answers to it yet.
    const furl = Furl.Furl.make({
      tubId: identity.tubId,
      hints: location.length > 0 ? location : hintsOf(endpoint.address),
      name: Redacted.make("tub")
    })
    const text = yield* Effect.orDie(Schema.encodeEffect(Furl.FurlFromString)(furl))
    const address = formatAddress(endpoint.address)
    yield* tell(
      { event: "listening", tubId: identity.tubId, furl: text, address },
      `listening on ${address}\nconnect with:\n  ${Invocation.command} dial '${text}'`
    )
    // Running until a signal comes is this command's job.
    MutableRef.set(yield* ExitCode.OnSignal, 0)
    return yield* Listener.serve(endpoint, {
      connected: (connection) => connected(tell, connection),
      failed: (error, from) => failed(tell, error, from)
    }).pipe(
      Effect.provide(Tub.layer(identity, { elsewhere }).pipe(Layer.provide(Layer.succeed(AnonymousPeers)(anonymous))))
    )
  }, Effect.scoped)
).pipe(
  Command.withDescription("Listen as a Tub until stopped"),
  Command.withExamples([
    {
      command: "tub serve --identity tub.pem --listen tcp:4711 --location tcp:example.org:4711",
      description: "Listen on port 4711 of a machine that others know as example.org"
    },
    {
      command: "tub serve --identity new.pem --listen tcp:4711 --redirect TUBID=tcp:example.org:4711",
      description: "Take over the port of a Tub that has moved, and send its callers after it"
    }
  ])
)

// What would never be answered, or only half, is a mistake.
const redirectsOf = Effect.fnUntraced(function* (
  { tubId }: TubIdentity,
  redirects: ReadonlyArray<typeof RedirectFromInput.Type>
) {
  const elsewhere = new Map<TubId, (typeof RedirectFromInput.Type)["hints"]>()
  for (const redirect of redirects) {
    if (redirect.tubId === tubId) {
      return yield* new UsageError({ message: `bad value for --redirect: ${tubId} is the Tub that listens here` })
    }
    if (elsewhere.has(redirect.tubId)) {
      return yield* new UsageError({
        message: `there is more than one --redirect for ${redirect.tubId}; write all its hints into one, TUBID=HINT,HINT`
      })
    }
    elsewhere.set(redirect.tubId, redirect.hints)
  }
  return elsewhere
})

const connected = (tell: Report.Tell, connection: NegotiatedConnection): Effect.Effect<void> => {
  // Connections with an anonymous peer are not counted (N16).
  const number = connection.peer === undefined ? "" : `, connection number ${connection.seqnum ?? "unknown"}`
  return Effect.andThen(
    tell(Report.negotiated(connection), `linked with ${Report.named(connection)}${number}`),
    Hold.untilClosed(connection, tell)
  )
}

const failed = (tell: Report.Tell, error: NegotiationError | Redirect, from: string): Effect.Effect<void> => {
  if (error._tag === "Redirect") {
    return tell(Report.redirected(error, { from }), `somebody at ${from} was redirected: ${error.message}`)
  }
  // A client that dials two addresses of ours at once makes one of these every time.
  const said =
    error.reason._tag === "DuplicateConnection"
      ? `another connection of ${error.peer ?? "a peer"} from ${from} was not needed: there is a link already`
      : `somebody at ${from} did not get in: ${error.message}`
  return tell(Report.failed(error, { from }), said)
}
