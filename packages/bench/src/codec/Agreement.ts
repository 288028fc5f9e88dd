/** Agreement: that contenders do the same, without which it means nothing how fast they are. */
import type { Contender } from "../Contender.ts"
import type { Name } from "./Values.ts"
import type { Prepared } from "./worker/Serving.ts"

/** One that has been started. */
export interface Entrant {
  readonly label: string
  /** Contenders of one format have to send the same bytes. */
  readonly format: string
  readonly contender: Contender
}

/**
 * Has all of them prepare `count` items, and throws unless all made the same value, all decode their own bytes to that
 * value, and those of one format encoded it to the same bytes: so each would decode the other's bytes to it too.
 */
export const prepare = async (
  entrants: ReadonlyArray<Entrant>,
  values: Name,
  count: number
): Promise<ReadonlyArray<Prepared>> => {
  const prepared: Array<Prepared> = []
  for (const { contender } of entrants) prepared.push(await contender.ask<Prepared>({ do: "prepare", values, count }))

  const first = prepared[0]?.made
  const bytesOf = new Map<string, string>()
  prepared.forEach(({ decoded, made, sha256 }, at) => {
    const { format = "", label = "" } = entrants[at] ?? {}
    const disagrees = (what: string) => new Error(`${label} disagrees about ${count} ${values}: ${what}`)
    if (made !== first) throw disagrees("it made another value")
    if (decoded !== made) throw disagrees("what it decodes is not what it encoded")
    if (sha256 !== (bytesOf.get(format) ?? sha256)) throw disagrees(`its ${format} has other bytes`)
    bytesOf.set(format, sha256)
  })
  return prepared
}
