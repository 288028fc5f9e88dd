/**
 * BananaComparison: what we make of a stream beside what Foolscap makes of it.
 */
import { last, worded } from "./BananaDifferences.ts"
import type { Happening } from "./BananaHappening.ts"

/** What was found in one stream. */
export interface Compared {
  /** The names of the differences that are meant. */
  readonly meant: ReadonlyArray<string>
  /** The first difference that is not. */
  readonly wrong: string | undefined
}

/** Compares what happened to a stream here and there. */
export const compare = (here: ReadonlyArray<Happening>, there: ReadonlyArray<Happening>): Compared => {
  const meant: Array<string> = []
  for (let number = 0; number < Math.max(here.length, there.length); number++) {
    const [one, other] = [here[number], there[number]]
    if (one !== undefined && isSame(one, other)) continue
    const name = one === undefined ? undefined : nameOf(one, other)
    if (name === undefined) return { meant, wrong: `ours ${print(one)}, Foolscap ${print(other)}` }
    meant.push(name)
    if (last.some((each) => each.name === name)) break
  }
  return { meant, wrong: undefined }
}

const isSame = (one: Happening, other: Happening | undefined): boolean =>
  one.at === other?.at &&
  one.what === other.what &&
  one.text === other.text &&
  one.place?.where === other.place?.where &&
  one.place?.message === other.place?.message

/** The difference, if it is meant. Until it comes, Foolscap cannot have gone another way. */
const nameOf = (one: Happening, other: Happening | undefined): string | undefined => {
  const isBeside = one.at === other?.at && one.what === other.what
  const candidates = [...(isBeside ? worded : []), ...((other?.at ?? Infinity) >= one.at ? last : [])]
  return candidates.find(({ explains }) => explains(one, other))?.name
}

const print = (happening: Happening | undefined): string =>
  happening === undefined
    ? "nothing"
    : `${happening.what} at ${happening.at}: ${happening.text || `${happening.place?.where}: ${happening.place?.message}`}`
