import * as MemoryTransport from "@effect-foolscap/negotiation/testing/MemoryTransport"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Certificate from "../src/Certificate.ts"
import { foolscapIdentity } from "./Fixtures.ts"
import { makePair } from "./Loopback.ts"
import { transportSuite } from "./TransportSuite.ts"

const prover = (credentials: ReturnType<typeof foolscapIdentity>) => ({ tubId: credentials.tubId, credentials })
const memoryProver = (index: number) => {
  const { tubId } = foolscapIdentity(index)
  return { tubId, credentials: MemoryTransport.credentials(tubId) }
}

// One side as Foolscap makes its identities, the other as this project does.
const ours = Effect.runSync(Effect.cached(Effect.orDie(Certificate.generate())))

transportSuite("NodeTransport", {
  it: it.live,
  makePair,
  provers: Effect.map(ours, (identity) => ({ client: prover(identity), server: prover(foolscapIdentity(0)) }))
})

transportSuite("MemoryTransport", {
  it: it.effect,
  makePair: MemoryTransport.makePair(),
  provers: Effect.succeed({ client: memoryProver(0), server: memoryProver(1) })
})

for (const [name, way] of Object.entries({ SimulatedNetwork: {}, "SimulatedNetwork in pieces": { chunk: 50_000 } })) {
  transportSuite(name, {
    it: it.effect,
    makePair: Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ hosts: ["client", "server"], seed: name, way })
      const { address, arrival } = yield* Effect.orDie(network.listen("server", 0))
      const client = yield* Effect.orDie(network.connect("client", address))
      return { client, server: yield* arrival }
    }),
    provers: Effect.succeed({ client: memoryProver(0), server: memoryProver(1) })
  })
}
