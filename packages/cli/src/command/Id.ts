/**
 * `tub id create` and `tub id show`: the identity a Tub proves itself with.
 */
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as IdentityFile from "@effect-foolscap/node/IdentityFile"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Report from "../Report.ts"
import { json } from "./Json.ts"
import { UsageError } from "../UsageError.ts"

const create = Command.make(
  "create",
  {
    out: Flag.String("out").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Where to write it; must not exist yet")
    ),
    key: Flag.Literals("key", ["p256", "rsa2048", "ed25519"]).pipe(
      Flag.withDescription("Kind of key: p256 (default), rsa2048 as Foolscap makes it, or ed25519"),
      Flag.withDefault("p256")
    ),
    json
  },
  Effect.fn("tub id create")(function* ({ json, key, out }) {
    const identity = yield* Effect.orDie(Certificate.generate({ key }))
    yield* IdentityFile.create(out, identity)
    const { keyType } = yield* described(identity)
    yield* Report.teller(json)(
      { event: "identity", tubId: identity.tubId, keyType, file: out },
      `TubId  ${identity.tubId}\nKey    ${keyType}\nFile   ${out} (keep it secret: whoever has it is this Tub)`
    )
  })
).pipe(
  Command.withDescription("Write a certificate and key that this command and Foolscap can load"),
  Command.withExamples([{ command: "tub id create --out tub.pem", description: "Make an identity" }])
)

const show = Command.make(
  "show",
  { file: Argument.String("file").pipe(Argument.withDescription("A tub.pem of ours or of Foolscap's")), json },
  Effect.fn("tub id show")(function* ({ file, json }) {
    const identity = yield* IdentityFile.read(file)
    const { keyType, notAfter, notBefore } = yield* described(identity)
    yield* Report.teller(json)(
      {
        event: "identity",
        tubId: identity.tubId,
        keyType,
        file,
        notBefore: DateTime.formatIso(notBefore),
        notAfter: DateTime.formatIso(notAfter)
      },
      [
        `TubId  ${identity.tubId}`,
        `Key    ${keyType}`,
        `Valid  ${DateTime.formatIsoDateUtc(notBefore)} to ${DateTime.formatIsoDateUtc(notAfter)} (no Tub looks at the dates)`
      ].join("\n")
    )
  })
).pipe(Command.withDescription("Print the TubId, key type and validity of an identity"))

const described = (identity: Parameters<typeof Certificate.describe>[0]) =>
  Effect.mapError(Certificate.describe(identity), ({ message }) => new UsageError({ message }))

export const id = Command.make("id").pipe(
  Command.withDescription("Make and look at the identity of a Tub"),
  Command.withSubcommands([create, show])
)
