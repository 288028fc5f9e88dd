import * as LoopbackTransport from "@effect-foolscap/negotiation/LoopbackTransport"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { foolscapIdentity } from "./Fixtures.ts"
import { transportSuite } from "./TransportSuite.ts"

const self = foolscapIdentity(0)
const prover = { tubId: self.tubId, credentials: self }

transportSuite("LoopbackTransport", {
  it: it.effect,
  makePair: LoopbackTransport.makePair(self.tubId),
  provers: Effect.succeed({ client: prover, server: prover })
})
