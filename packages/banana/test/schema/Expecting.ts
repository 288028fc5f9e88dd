/** A decoder that expects a Schema, and what it tells. */
import type * as Schema from "effect/Schema"
import { BananaDecoder } from "../../src/BananaDecoder.ts"
import type * as Limits from "../../src/Limits.ts"
import type { Value } from "../../src/value/Value.ts"
import { Vocabulary } from "../../src/wire/Vocabulary.ts"
import { told } from "../Told.ts"

/** Values as they are delivered, and lines for the rest, of what is pushed into one decoder. */
export const expecting = (
  schema: Schema.ConstraintCodec<unknown, Value>,
  limits: Partial<Limits.Limits> = {}
): ((bytes: Uint8Array) => ReadonlyArray<unknown>) => {
  const decoder = new BananaDecoder({ vocabulary: Vocabulary.initial(1), schema, limits })
  return (bytes) => decoder.push(bytes).map((each) => (each._tag === "Delivered" ? each.value : told(each)))
}

export const violated = (where: string, reason: string): string => `Violated <RootUnslicer>${where}: ${reason}`
export const failed = (where: string, reason: string): string => `Failed <RootUnslicer>${where}: ${reason}`
