/**
 * Which protocol a link speaks after the negotiation, chosen by name as ALPN does in TLS (N29).
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Parameter from "./Parameter.ts"

/**
 * What every Tub speaks that says nothing else.
 *
 * @category constants
 * @since 0.1.0
 */
export const banana = "banana"

/**
 * The name of a protocol: 1 to 64 printable ASCII characters without a space, such as `banana` or `rpc/1`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Name = Schema.String.check(
  Schema.isPattern(/^[!-~]{1,64}$/, { message: "expected the name of a protocol, such as banana or rpc/1" })
)

const Names = Schema.String.pipe(
  Schema.decodeTo(
    Schema.Array(Name),
    SchemaTransformation.transform({
      decode: (text): ReadonlyArray<string> => text.trim().split(/\s+/),
      encode: (names) => names.join(" ")
    })
  )
)

/**
 * The parameter `application-protocols`, offering `ours` in the order of preference. The Master takes the first of its
 * own names that the other side offers too; a Tub that says nothing speaks `banana`. Throws if one of `ours` is no
 * `Name`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parameter = (ours: NonEmptyReadonlyArray<string>): Parameter.Parameter<string> =>
  Parameter.make({
    key: "application-protocols",
    decisionKey: "application-protocol",
    offer: Names,
    choice: Schema.String.check(
      Schema.makeFilter((name) => ours.includes(name), { message: `expected one of ${ours.join(", ")}` })
    ),
    ours,
    silent: [banana],
    decide: (master, other) => {
      const common = master.find((name) => other.includes(name))
      return common === undefined
        ? Result.fail(`the Master speaks ${master.join(", ")}, the other side ${other.join(", ")}`)
        : Result.succeed(common)
    }
  })
