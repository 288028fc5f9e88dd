/** The certificates beside this file. Their keys are public: see fixtures/certs/README.md. */
import { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as TubId from "@effect-foolscap/furl/TubId"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"

const read = (name: string) => readFileSync(new URL(`fixtures/certs/${name}`, import.meta.url), "utf8")

const Certs = Schema.Struct({ certs: Schema.Array(Schema.Struct({ name: Schema.String, tubid: TubId.TubId })) })

/** The Tubs that Foolscap made, with the TubIds that it computed, in ascending order of these. */
export const foolscapTubs = Schema.decodeSync(Schema.fromJsonString(Certs))(read("certs.json")).certs.map(
  ({ name, tubid }) => ({ name, tubId: tubid, pem: read(`${name}.pem`) })
)

/** The text of `fixtures/certs/NAME.pem`. */
export const pemOf = (name: string) => read(`${name}.pem`)

/** The two blocks of such a text. */
export const blocksOf = (pem: string) => {
  const [certificate = "", key = ""] = pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? []
  return { certificate, key }
}

/** An identity as Foolscap made it, put together without the code under test. */
export const foolscapIdentity = (index: number) => {
  const tub = foolscapTubs[index]
  if (tub === undefined) throw new Error(`there is no Tub ${index}`)
  const { certificate, key } = blocksOf(tub.pem)
  return new TubIdentity({ tubId: tub.tubId, certificate, privateKey: Redacted.make(key) })
}
