/** Links without a negotiation: two secure ends in memory, and a Link over the near one. */
import * as Effect from "effect/Effect"
import { Link } from "../src/Link.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import { high, low } from "./Sides.ts"

const early = new Uint8Array(0)

/** A link of `low` with `high`, and the other end of its transport as `peer`. Both belong to the Scope. */
export const connect = Effect.gen(function* () {
  const pair = yield* MemoryTransport.makePair()
  const [near, peer] = yield* Effect.all(
    [
      pair.client.startTls({ side: "client", credentials: low.credentials, early }),
      pair.server.startTls({ side: "server", credentials: high.credentials, early })
    ],
    { concurrency: "unbounded" }
  )
  return { link: yield* Link.make(near), near, peer }
})
