/** Identities for the live tests: made once for each run, in the order that a test needs. */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { Role } from "@effect-foolscap/negotiation/policy/Master"
import * as Certificate from "@effect-foolscap/node/Certificate"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Effect from "effect/Effect"

/** A fresh identity. */
export const make = (key: Certificate.KeyKind = "p256"): Effect.Effect<TubIdentity> =>
  Effect.orDie(Certificate.generate({ key }))

/** A fresh identity that has this role towards `peer`. Half of all identities have. */
export const makeFor = (role: Role, peer: TubId, key?: Certificate.KeyKind): Effect.Effect<TubIdentity> =>
  Effect.repeat(make(key), { until: ({ tubId }) => tubId > peer === (role === "Master") })
