/**
 * What the checks of a Schema say of a number or a length, so that it can be asked before there is a value.
 *
 * A check that is not known here is left to the Schema, which makes all of them when the value is complete.
 *
 * @since 0.1.0
 */
import type * as SchemaAST from "effect/SchemaAST"

type Checks = SchemaAST.Checks | undefined

/** Units of UTF-16 that UTF-8 makes three bytes of; two of them together are four at most. */
const bytesOfUnit = 3
const bytesOfCodePoint = 4

/**
 * Most elements or bytes.
 *
 * @category getters
 * @since 0.1.0
 */
export const maxLength = (checks: Checks): number | undefined =>
  smallest([...said(checks, "isMaxLength", "maxLength"), ...said(checks, "isBetweenLength", "maximum")])

/**
 * Most bytes of UTF-8.
 *
 * @category getters
 * @since 0.1.0
 */
export const maxUtf8 = (checks: Checks): number | undefined => {
  const units = maxLength(checks)
  const points = [
    ...said(checks, "isMaxCodePoints", "maxCodePoints"),
    ...said(checks, "isBetweenCodePoints", "maximum")
  ]
  return smallest([
    ...(units === undefined ? [] : [units * bytesOfUnit]),
    ...points.map((max) => max * bytesOfCodePoint)
  ])
}

/**
 * Whether only integers pass.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isInteger = (checks: Checks): boolean => filters(checks).some(({ id }) => id === "effect/schema/isInt")

const smallest = (limits: ReadonlyArray<number>): number | undefined =>
  limits.length === 0 ? undefined : Math.min(...limits)

/** The numbers under this name in the checks of one kind. */
const said = (checks: Checks, kind: string, name: string): ReadonlyArray<number> =>
  filters(checks).flatMap(({ id, payload }) => {
    if (id !== `effect/schema/${kind}` || typeof payload !== "object" || payload === null) return []
    const value: unknown = Reflect.get(payload, name)
    return typeof value === "number" ? [value] : []
  })

/** The checks that say what they are, also those in groups. */
const filters = (checks: Checks): ReadonlyArray<{ readonly id: string; readonly payload: unknown }> =>
  (checks ?? []).flatMap((check) => {
    if (check._tag === "FilterGroup") return filters(check.checks)
    const { representation } = check.annotations ?? {}
    return representation === undefined ? [] : [representation]
  })
