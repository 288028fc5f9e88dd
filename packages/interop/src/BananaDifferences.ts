/**
 * BananaDifferences: where we differ from Foolscap on purpose, as exactly as it can be said. `docs/banana.md` has the reasons.
 */
import type { Happening } from "./BananaHappening.ts"

/** A difference that is meant. */
export interface Meant {
  readonly name: string
  readonly explains: (here: Happening, there: Happening | undefined) => boolean
}

const failsWith =
  (text: string): Meant["explains"] =>
  ({ place, what }) =>
    what === "failed" && place?.message.includes(text) === true

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** Which quotes Python takes depends on what is between them, also on what is cut away here. */
const unquoted = (text: string) => text.replaceAll(/\\?["']/g, "'")

/**
 * Whether Foolscap's text is ours, as far as it goes: `...` stands for anything. `steps` says what a pattern of ours is in
 * Foolscap's words.
 */
const isAlike = (here: string, there: string, steps = (pattern: string): string => pattern): boolean =>
  new RegExp(`^${steps(escaped(unquoted(here))).replaceAll(/'?\\\.\\\.\\\./g, ".*")}$`, "s").test(unquoted(there))

/**
 * Steps have names of our own in sets and decimals, and where a tuple is a key. Python cannot fill that into a text, unless
 * it has one item, which then is the text.
 */
const isWhere = (here: string, there: string): boolean =>
  isAlike(here, there, (pattern) =>
    pattern
      .replaceAll(/\\\.\\\{\d+\\\}/g, "\\.(\\?\\?|\\[\\d+\\])")
      .replaceAll("\\.<decimal>", "\\.<unicode>")
      .replaceAll(/\\\.\\\{\\\}\\\[\\\((\\\.\\\.\\\.)?\\\)\\\]/g, "\\.(\\?{3}|\\{\\}\\[.*\\])")
  )

/** Ours do not print what is in a key, and not more than 100 characters of it; nor the digits of a header that is too long. */
const isMessage = (here: string, there: string): boolean =>
  isAlike(here.replace(/^token prefix .*/, "$&: but got ...").replace("'(...)'", "'...'"), there)

/** Python prints where in memory an object is. */
const withoutAddresses = (message: string): string =>
  message.replaceAll(/<foolscap\.[\w.]*\b(\w+) object at 0x[0-9a-f]+>/g, "$1")

/** The same is refused, and these are the texts. */
const refusesAlike =
  (isText: (here: string, there: string) => boolean): Meant["explains"] =>
  ({ place, what }, there) =>
    what === "violated" &&
    place !== undefined &&
    there?.place !== undefined &&
    isWhere(place.where, there.place.where) &&
    isText(place.message, there.place.message)

/** Something else is said of the same. The next things can be compared. */
export const worded: ReadonlyArray<Meant> = [
  {
    name: "says why, where Foolscap says that something is wrong",
    explains: ({ what }, there) => what === "failed" && there?.place === undefined
  },
  {
    name: "names the constraints of a choice, where Foolscap prints where they are in memory",
    explains: refusesAlike((here, there) => here !== there && here === withoutAddresses(there))
  },
  {
    name: "names the kinds of set that would be taken, where Foolscap names both",
    explains: refusesAlike(
      (here, there) =>
        here.includes("[('set',)]") && here === there.replaceAll("[('set',), ('immutable-set',)]", "[('set',)]")
    )
  },
  {
    name: "says how long it may be, where Foolscap says that it is none of a choice",
    explains: refusesAlike((here, there) => / token too large: \d+>\d+$/.test(here) && there.startsWith("typebyte "))
  },
  {
    name: "has a word of its own for the place, or prints less of a key",
    explains: ({ place }, there) =>
      place !== undefined &&
      there?.place !== undefined &&
      isWhere(place.where, there.place.where) &&
      isMessage(place.message, there.place.message) &&
      // With the same parts, the whole would have to be the same.
      (place.where !== there.place.where || place.message !== there.place.message)
  }
]

/** We go another way. Nothing behind it can be compared. */
export const last: ReadonlyArray<Meant> = [
  {
    // 2 ** 53 bytes or more, or an integer of more than 2 ** 27, which the engine has not. Foolscap waits for them.
    name: "refuses a body that nobody can send",
    explains: ({ place, what }) =>
      what === "violated" &&
      /too large: \d{16,}>9007199254740992$|^LONG(INT|NEG) token too large: \d{9,}>134217728$/.test(
        place?.message ?? ""
      )
  },
  {
    // If its number is that of the sequence around it, Foolscap closes that, and is then still between an OPEN and its word.
    name: "fails at a CLOSE between an OPEN and its word",
    explains: failsWith("but expecting the word of an OPEN")
  },
  {
    // Foolscap puts something in the place of a tuple that is not complete, and makes a frozenset at its end.
    name: "fails at what cannot be a member, when it comes",
    explains: failsWith("unhashable member '")
  },
  {
    // Foolscap delivers what it had put in the tuple's place, or fails if that is the whole object.
    name: "fails at a tuple that holds itself",
    explains: failsWith("a tuple that holds itself")
  },
  {
    name: "fails at a decimal with more than 15 digits of exponent, or with digits that are not ASCII",
    explains: (here) =>
      failsWith("a decimal that is no number")(here, undefined) &&
      /E[+-]?[\d_]{16,}\s*$|\P{ASCII}/iu.test(here.body ?? "")
  },
  {
    // Foolscap says so when all of the arguments of a call have come.
    name: "refuses a tuple that is too short when it ends",
    explains: ({ place, what }) => what === "violated" && place?.message === "wrong size tuple"
  },
  {
    // Foolscap counts the characters when all of the arguments of a call have come.
    name: "refuses a text that is too long by its header",
    explains: ({ place, what }) =>
      what === "violated" &&
      place?.where.endsWith(".<unicode>") === true &&
      place.message.startsWith("STRING token too large: ")
  },
  {
    // An assertion of Foolscap's fails: that no frozenset has a constraint.
    name: "refuses a frozenset where a set is expected",
    explains: ({ place, what }, there) =>
      what === "violated" &&
      place?.message === "unacceptable OPEN type: ('immutable-set',) not in my list [('set',)]" &&
      there?.what === "failed"
  },
  {
    // Foolscap waits for the name of the class, and does not know it either.
    name: "refuses a copyable at its first word",
    explains: ({ place, what }) => what === "violated" && place?.message === "unknown OPEN type ('copyable',)"
  }
]
