/**
 * What `--redirect` takes: a Tub that lives elsewhere, and where.
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Block from "@effect-foolscap/negotiation/wire/Block"
import * as Location from "@effect-foolscap/negotiation/wire/Location"
import * as Upgrade from "@effect-foolscap/negotiation/wire/Upgrade"
import { maxLocations } from "@effect-foolscap/tub/Itinerary"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/**
 * `TUBID=HINT` or `TUBID=HINT,HINT`. No more than a Connector takes from redirects (N11), and the answer that names them
 * all has to fit into a header (N6).
 */
export const RedirectFromInput = Schema.String.check(
  Schema.isPattern(/^[^=]+=./, { message: "expected TUBID=HINT or TUBID=HINT,HINT" })
).pipe(
  Schema.decodeTo(
    Schema.Struct({ tubId: TubId, hints: Schema.NonEmptyArray(LocationHint.FromInput) }).check(
      Schema.makeFilter(({ hints }) => hints.length <= maxLocations, {
        message: `expected at most ${maxLocations} hints: a client dials no more of a redirect`
      }),
      Schema.makeFilter(({ hints, tubId }) => Upgrade.redirect(Location.format(tubId, hints)).length <= Block.limit, {
        message: "these are more hints than one answer has room for"
      })
    ),
    SchemaTransformation.transform({
      decode: (text) => {
        const at = text.indexOf("=")
        const [first = "", ...more] = text.slice(at + 1).split(",")
        return { tubId: text.slice(0, at), hints: [first, ...more] as const }
      },
      encode: ({ hints, tubId }) => `${tubId}=${hints.join(",")}`
    })
  )
)
