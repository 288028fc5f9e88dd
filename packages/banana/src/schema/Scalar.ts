/**
 * Python's numbers, as Schemas see them.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { Float, isInteger } from "../value/Float.ts"

/**
 * What goes over the wire as an integer: not -0.
 *
 * @category guards
 * @since 0.1.0
 */
export const isIntegral = (input: unknown): input is number | bigint =>
  typeof input === "number" ? isInteger(input) : typeof input === "bigint"

/**
 * An integer, or a float that is a number here.
 *
 * @category guards
 * @since 0.1.0
 */
export const isNumber = (input: unknown): input is number | bigint =>
  typeof input === "number" || typeof input === "bigint"

/**
 * An integer, or any float.
 *
 * @category guards
 * @since 0.1.0
 */
export const isNumberOrFloat = (input: unknown): input is number | bigint | Float =>
  isNumber(input) || input instanceof Float

/**
 * Whether it is no integer, or one that this many bytes can say; -1 are 32 bits with the sign.
 *
 * @category checks
 * @since 0.1.0
 */
export const fits = (bytes: number) => {
  const [least, above] = bytes === -1 ? [-(2n ** 31n), 2n ** 31n] : [1n - 256n ** BigInt(bytes), 256n ** BigInt(bytes)]
  return Schema.makeFilter(
    (value: number | bigint | Float) => !isIntegral(value) || (value >= least && value < above),
    {
      message: "number too large"
    }
  )
}

/**
 * A float as a number.
 *
 * @category transformations
 * @since 0.1.0
 */
export const float: SchemaTransformation.Transformation<number | bigint, number | bigint | Float> =
  SchemaTransformation.transform({
    decode: (value) => (value instanceof Float ? value.value : value),
    encode: (value) => value
  })
