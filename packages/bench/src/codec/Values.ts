/** Values: what the contenders encode. `python/codec.py` makes the same. */

/** What all contenders can carry, as plain JavaScript. A record stands for a dict. */
export type Plain =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | ReadonlyArray<Plain>
  | { readonly [key: string]: Plain }

/** One kind of value. */
export interface Kind {
  readonly title: string
  /** How many items. */
  readonly count: number
  /** What part of them Foolscap gets, which would take minutes for all. */
  readonly foolscapPart: number
  /** JSON has none. */
  readonly bytes: boolean
  readonly make: (count: number) => Plain
}

const names = ["Ada", "Grace", "Zoë", "Łukasz", "Barbara"]

const nameOf = (at: number): string => names[at % names.length] ?? ""
const reading = (at: number): ReadonlyArray<Plain> => [
  (at % 1000) + 0.375,
  at % 3 === 0,
  at % 4 === 0 ? null : at % 100
]
const tags = (at: number): ReadonlyArray<Plain> => [`tag-${at % 7}`, `tag-${at % 11}`]

const list = (count: number, item: (at: number) => Plain): Plain => Array.from({ length: count }, (_, at) => item(at))

const utf8 = new TextEncoder()

export const kinds = {
  ints: {
    title: "1 M small ints",
    count: 1_000_000,
    foolscapPart: 1,
    bytes: false,
    make: (count) => list(count, (at) => at % 1000)
  },
  texts: {
    title: "1 M short texts",
    count: 1_000_000,
    foolscapPart: 0.1,
    bytes: false,
    make: (count) => list(count, (at) => `key-${at % 5000}`)
  },
  "byte strings": {
    title: "1 M short byte strings",
    count: 1_000_000,
    foolscapPart: 0.1,
    bytes: true,
    make: (count) => list(count, (at) => utf8.encode(`key-${at % 5000}`))
  },
  records: {
    title: "100 k records, as lists",
    count: 100_000,
    foolscapPart: 1,
    bytes: false,
    make: (count) => list(count, (at) => [at, nameOf(at), reading(at), tags(at)])
  },
  dicts: {
    title: "100 k records, as dicts",
    count: 100_000,
    foolscapPart: 0.1,
    bytes: false,
    make: (count) => list(count, (at) => ({ id: at, name: nameOf(at), reading: reading(at), tags: tags(at) }))
  },
  blob: {
    title: "one 64 MiB byte string",
    count: 64 * 1024 * 1024,
    foolscapPart: 1,
    bytes: true,
    make: (count) => Uint8Array.from({ length: count }, (_, at) => at * 7)
  }
} satisfies { readonly [name: string]: Kind }

export type Name = keyof typeof kinds

export const nameList = Object.keys(kinds) as ReadonlyArray<Name> // its own keys
