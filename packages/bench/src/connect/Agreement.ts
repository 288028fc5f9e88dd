/** Agreement: everyone who knows Tubs meets plain Node, on either side, and both have to see the same link. */
import type { KeyKind } from "@effect-foolscap/node/Certificate"
import { nameOf, present } from "./Contenders.ts"
import type { Cast } from "./Identities.ts"
import type { Place, Seen } from "./Serving.ts"

/** Plain Node sees through TLS what was agreed on there. */
const tls = "TLSv1.3 TLS_AES_256_GCM_SHA384"

/** Throws unless they do. */
export const check = async (casts: ReadonlyMap<KeyKind, Cast>): Promise<void> => {
  const plain = present.find(({ label }) => label === "plain Node, same bytes")
  for (const entry of present) {
    const people = casts.get(entry.key)
    if (plain === undefined || people === undefined) throw new Error("somebody is missing")
    const meeting = entry.speaks === "foolscap" ? plain : entry
    for (const [serving, dialling] of [
      [entry, meeting],
      [meeting, entry]
    ] as const) {
      const server = await serving.start()
      const client = await dialling.start()
      try {
        const place = await server.ask<Place>({ do: "listen", identity: people.server })
        const [one] = people.clients
        await client.ask({ do: "clients", identities: [one], place })
        const theServer = await client.ask<Seen>({ do: "one" })
        const theClient = await server.ask<Partial<Seen>>({ do: "seen" })
        const disagrees = (what: string) =>
          new Error(
            `${nameOf(dialling)} dials ${nameOf(serving)}: ${what}, ${JSON.stringify({ theServer, theClient })}`
          )
        if (entry.speaks === "libp2p") {
          if (!place.server.endsWith(theServer.peer)) throw disagrees("it has met another peer")
          continue
        }
        if (theServer.peer !== people.server.tubId) throw disagrees("it has met another Tub")
        for (const seen of [theServer, theClient]) {
          if (seen.tls !== undefined && seen.tls !== tls) throw disagrees("that is other cryptography")
          if (seen.parameters !== undefined && seen.parameters !== "3 1") throw disagrees("those are other parameters")
        }
        if (theClient.peer !== undefined && theClient.peer !== one?.tubId) throw disagrees("another Tub has come")
        if (theServer.tls === undefined && theClient.tls === undefined) throw disagrees("nobody saw the cryptography")
      } finally {
        await client.end()
        await server.end()
      }
    }
  }
}
