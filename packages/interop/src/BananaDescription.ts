/**
 * BananaDescription: values as `python/banana.py` writes them down, and as text that two equal values have in common.
 */

/** A list, tuple, set or frozenset. */
export interface Sequence {
  readonly type: "list" | "tuple" | "set" | "immutable-set"
  readonly items: ReadonlyArray<Description>
}

/** A dict. */
export interface Pairs {
  readonly type: "dict"
  readonly items: ReadonlyArray<readonly [Description, Description]>
}

/** A value that holds no others. */
export type Simple =
  | { readonly type: "none" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "int" | "text" | "decimal"; readonly value: string }
  | { readonly type: "float" | "bytes"; readonly hex: string }

/**
 * A value. `ref` is the n-th of its lists, tuples, dicts and sets, in the order in which they begin; `foreign` is something
 * that a Foolscap should not deliver, by the name of its Python type.
 */
export type Description = Sequence | Pairs | Simple | { readonly ref: number } | { readonly foreign: string }

/** A value that holds others. */
export type Container = Sequence | Pairs

/** Whether it holds others. */
export const isContainer = (described: Description): described is Container => "items" in described

/** The parts of a container, in order. */
const partsOf = (container: Container): ReadonlyArray<Description> =>
  container.type === "dict" ? container.items.flat() : container.items

/** What the numbers of a description stand for. */
export const begunIn = (whole: Description): ReadonlyArray<Container> => {
  const begun: Array<Container> = []
  const visit = (described: Description): void => {
    if (!isContainer(described)) return
    if (described.type !== "immutable-set") begun.push(described)
    for (const part of partsOf(described)) visit(part)
  }
  visit(whole)
  return begun
}

/** What a description means, where these are what its numbers stand for. */
export const resolveIn =
  (begun: ReadonlyArray<Container>) =>
  (described: Description): Exclude<Description, { readonly ref: number }> => {
    if (!("ref" in described)) return described
    const container = begun[described.ref]
    if (container === undefined) throw new Error(`there is no container ${described.ref}`)
    return container
  }

/**
 * One text for one value: equal for equal values, whatever the order of their sets and dicts.
 *
 * What is one object has to be one object, but for two things that Python does not tell apart either: an empty tuple is
 * always the same one, and NaN is NaN with whatever bits. Of a part, `whole` is what its numbers count in.
 */
export const canonical = (part: Description, whole = part): string => {
  const resolve = resolveIn(begunIn(whole))
  const write = (described: Description, known: Map<Container, number>): string => {
    const value = resolve(described)
    if (!isContainer(value))
      return JSON.stringify("type" in value && value.type === "float" ? plainNaN(value.hex) : value)
    const earlier = known.get(value)
    if (earlier !== undefined) return `#${earlier}`
    if (value.type !== "immutable-set" && !(value.type === "tuple" && value.items.length === 0)) {
      known.set(value, known.size)
    }
    // Members and keys are put in an order of their own, by what each of them is when it stands alone.
    switch (value.type) {
      case "dict":
        return `dict(${sorted(value.items, ([key]) => write(key, new Map()))
          .map(([key, item]) => `${write(key, known)}:${write(item, known)}`)
          .join()})`
      case "set":
      case "immutable-set":
        return `${value.type}(${sorted(value.items, (member) => write(member, new Map()))
          .map((member) => write(member, known))
          .join()})`
      default:
        return `${value.type}(${value.items.map((item) => write(item, known)).join()})`
    }
  }
  return write(part, new Map())
}

const sorted = <A>(items: ReadonlyArray<A>, textOf: (item: A) => string): ReadonlyArray<A> =>
  items
    .map((item) => ({ item, text: textOf(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item)

const plainNaN = (hex: string) => ({
  type: "float",
  hex: Number.isNaN(Buffer.from(hex, "hex").readDoubleBE()) ? "nan" : hex
})

/** Whether some part of it, or itself, is such a one. */
export const some = (whole: Description, fits: (described: Description) => boolean): boolean =>
  fits(whole) || (isContainer(whole) && partsOf(whole).some((part) => some(part, fits)))
