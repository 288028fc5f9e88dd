/**
 * A length of time as a person types it.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, "": 1000, m: 60_000, h: 3_600_000 }

/**
 * `500ms`, `10s`, `2m`, `1h`; a bare number means seconds.
 */
export const DurationFromInput = Schema.String.check(
  Schema.isPattern(/^\d{1,9}(\.\d{1,6})?(ms|s|m|h)?$/, { message: "expected a time such as 500ms, 10s or 2m" })
).pipe(
  Schema.decodeTo(
    Schema.Duration,
    SchemaTransformation.transform({
      decode: (text) => {
        const [, amount, unit = ""] = /^([\d.]+)(ms|s|m|h)?$/.exec(text) ?? []
        return Duration.millis(Number(amount) * (units[unit] ?? 1000))
      },
      encode: (duration) => `${Duration.toMillis(duration)}ms`
    })
  )
)
