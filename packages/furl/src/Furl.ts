/**
 * Furl: a reference to one object in one Tub, as text that can be handed around.
 *
 * ```text
 *   pb://TUBID@HINT,HINT/NAME
 * ```
 *
 * The TubId says whose object it is, the hints where that Tub may be listening. The name is a capability: who knows it
 * may use the object. So a name is shown only where a FURL is encoded on purpose, never in logs or errors.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as LocationHint from "./LocationHint.ts"
import { TubId } from "./TubId.ts"

const Name = Schema.String.check(Schema.isPattern(/^[^\n]+$/))

const isName = Schema.is(Name)

/**
 * A reference to the object `name` in the Tub `tubId`.
 *
 * Two references are equal if TubId and name are; where the Tub may be reached makes no difference.
 *
 * Printing, inspecting or `JSON.stringify` shows TubId and hints, with a placeholder for the name. `FurlFromString`
 * writes the name out, and so does a JSON codec derived from this class.
 *
 * @category models
 * @since 0.1.0
 */
export class Furl extends Schema.Class<Furl>("@effect-foolscap/furl/Furl")(
  {
    tubId: TubId,
    /** What follows the TubId up to the `@`. Meant for future extensions: kept, never compared. */
    tubIdSuffix: Schema.String.check(Schema.isPattern(/^[^@]*$/, { message: "what follows a TubId holds no @" })).pipe(
      Schema.withConstructorDefault(Effect.succeed(""))
    ),
    /** May be empty, for a Tub that cannot be reached from outside. */
    hints: Schema.Array(LocationHint.FromString),
    name: Schema.Redacted(Name)
  },
  { toEquivalence: () => Equal.equals }
) {
  [Equal.symbol](that: unknown): boolean {
    return that instanceof Furl && this.tubId === that.tubId && Equal.equals(this.name, that.name)
  }

  [Hash.symbol](): number {
    return Hash.combine(Hash.string(this.tubId), Hash.hash(this.name))
  }

  override toString() {
    return `pb://${this.tubId}@${this.hints.join(",")}/<redacted>`
  }

  toJSON() {
    return this.toString()
  }

  [NodeInspectSymbol]() {
    return this.toString()
  }
}

const malformed = (part: string, message: string) =>
  Effect.fail(new SchemaIssue.Pointer([part], new SchemaIssue.InvalidValue({ message })))

/**
 * A FURL as text. Encoding gives the same text back, and thereby writes the name out.
 *
 * Issues point at the part at fault: `prefix`, `tubId`, `hints` (with the place of the hint) or `name`. Their messages
 * hold nothing of the text, because in a malformed FURL any part may be the name. The option `reportInput` of the
 * schema parser would keep the whole text in the issue; leave it off.
 *
 * Takes what Foolscap takes, with three exceptions: text before `pb://`, TubIds shorter than 32 characters, and
 * TubIds in upper case. One line break at the end is dropped, as Foolscap does: files that hold a FURL end in one.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FurlFromString = Schema.String.annotate({ message: "a FURL is text" }).pipe(
  Schema.decodeTo(
    Furl,
    SchemaTransformation.transformEffect<typeof Furl.Encoded, string>({
      decode: (text) => {
        if (!text.startsWith("pb://")) return malformed("prefix", "a FURL begins with pb://")
        const at = text.indexOf("@")
        if (at === -1) return malformed("tubId", "a FURL has an @ after its TubId")
        const slash = text.indexOf("/", at)
        if (slash === -1) return malformed("name", "a FURL has a slash and a name after its hints")
        // Checked here too, because Redacted does not say what is wrong with the value it holds.
        const name = text.slice(slash + 1).replace(/\n$/, "")
        if (!isName(name)) return malformed("name", "the name after the hints is not empty and holds no line break")
        const hints = text.slice(at + 1, slash)
        return Effect.succeed({
          tubId: text.slice(5, Math.min(37, at)),
          tubIdSuffix: text.slice(37, at),
          hints: hints === "" ? [] : hints.split(","),
          name: Redacted.make(name)
        })
      },
      encode: ({ hints, name, tubId, tubIdSuffix }) =>
        Effect.succeed(`pb://${tubId}${tubIdSuffix}@${hints.join(",")}/${Redacted.value(name)}`)
    })
  )
)
