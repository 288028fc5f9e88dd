/** Identities: certificates made before anything is timed, the same for every contender. */
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** What a worker is told; `pem` holds the certificate and the key, as in Foolscap's `tub.pem`. */
export interface Identity {
  readonly tubId: string
  readonly pem: string
}

/** One for the server, and one for each loop of a client. */
export interface Cast {
  readonly server: Identity
  readonly clients: ReadonlyArray<Identity>
}

const make = (key: Certificate.KeyKind): Promise<Identity> =>
  Effect.runPromise(
    Effect.map(Certificate.generate({ key }), (identity) => ({
      tubId: identity.tubId,
      pem: Redacted.value(Certificate.toPem(identity))
    }))
  )

export const cast = async (key: Certificate.KeyKind, clients: number): Promise<Cast> => {
  const [server, ...others] = await Promise.all(Array.from({ length: clients + 1 }, () => make(key)))
  if (server === undefined) throw new Error("no identity was made")
  return { server, clients: others }
}
