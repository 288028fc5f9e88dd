/**
 * Schemas of what holds nothing.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { Decimal as PythonDecimal } from "../value/Decimal.ts"
import { Float, isInteger } from "../value/Float.ts"
import * as Form from "./Form.ts"
import * as Length from "./Length.ts"

/**
 * `true` or `false`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Boolean: Schema.Codec<boolean> = Schema.Boolean.annotate({ message: "not a bool" })

/**
 * Python's `None`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Nothing: Schema.Codec<null> = Schema.Null

/**
 * Bytes: so many at most, and at least. Without `maxLength` a decoder takes `Limits.body`, with it that many, also where they are
 * more.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ByteString = (options: Length.Bounds = {}): Schema.Codec<Uint8Array> =>
  Length.checked(Schema.Uint8Array.annotate({ message: "not a bytestring" }), Length.bytes(options))

/**
 * Text: so many code points at most, and at least, and a pattern somewhere in it. Without `maxLength` a decoder takes
 * `Limits.body` bytes of UTF-8; with it four times as many, also where they are more, and counts them when they have come.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Text = ({
  pattern,
  ...bounds
}: Length.Bounds & { readonly pattern?: RegExp } = {}): Schema.Codec<string> => {
  const text = Length.checked(Schema.String.annotate({ message: "not a unicode object" }), Length.text(bounds))
  return pattern === undefined ? text : text.check(Schema.isPattern(pattern, { message: "regexp failed to match" }))
}

/** Foolscap's figure for an `int` or a `float`. */
const maxBytes = 1024

/** As a decoder gives it. */
const isIntegral = (input: unknown): input is number | bigint =>
  typeof input === "bigint" || (typeof input === "number" && isInteger(input))

const isNumber = (input: unknown): input is number | bigint => typeof input === "bigint" || typeof input === "number"

/** Whether this many bytes can say it; -1 are 32 bits with the sign. */
const fits = (bytes: number) => {
  const [least, above] = bytes === -1 ? [-(2n ** 31n), 2n ** 31n] : [1n - 256n ** BigInt(bytes), 256n ** BigInt(bytes)]
  return Schema.makeFilter((value: number | bigint) => !isIntegral(value) || (value >= least && value < above), {
    message: "number too large"
  })
}

/**
 * An integer of so many bytes at most, without its sign: 1024 if nothing is said. As in Foolscap, -1 stands for 32 bits with the
 * sign.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Integer = (options: { readonly maxBytes?: number } = {}): Schema.Codec<number | bigint> =>
  Schema.declare(isIntegral, {
    ...Form.annotate(Form.integer(options.maxBytes ?? maxBytes)),
    message: "not a number"
  }).check(fits(options.maxBytes ?? maxBytes))

/**
 * A float, or an integer as `Integer` has it. Python's `2.0` is 2 here and goes back as an integer.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Number = (
  options: { readonly maxBytes?: number } = {}
): Schema.Codec<number | bigint, number | bigint | Float> =>
  Schema.declare((input: unknown): input is number | bigint | Float => input instanceof Float || isNumber(input), {
    ...Form.annotate(Form.number(options.maxBytes ?? maxBytes)),
    message: "not a number"
  }).pipe(
    Schema.decodeTo(
      Schema.declare(isNumber).check(fits(options.maxBytes ?? maxBytes)),
      SchemaTransformation.transform<number | bigint, number | bigint | Float>({
        decode: (value) => (value instanceof Float ? value.value : value),
        encode: (value) => value
      })
    )
  )

/**
 * Python's `decimal.Decimal`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Decimal: Schema.Codec<PythonDecimal> = Schema.declare((input: unknown) => input instanceof PythonDecimal, {
  ...Form.annotate(Form.sequence("DecimalConstraint", "decimal", {})),
  message: "not a decimal"
})
