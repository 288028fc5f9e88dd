/**
 * The kinds of sequences, by the word after their OPEN (B6).
 *
 * @since 0.1.0
 */
import { AddVocabUnslicer } from "./slicer/AddVocabSlicer.ts"
import { BooleanUnslicer } from "./slicer/BooleanSlicer.ts"
import { DecimalUnslicer } from "./slicer/DecimalSlicer.ts"
import { DictUnslicer } from "./slicer/DictSlicer.ts"
import { ImmutableSetUnslicer } from "./slicer/ImmutableSetSlicer.ts"
import { ListUnslicer } from "./slicer/ListSlicer.ts"
import { NoneUnslicer } from "./slicer/NoneSlicer.ts"
import { ReferenceUnslicer } from "./slicer/ReferenceSlicer.ts"
import { SetUnslicer } from "./slicer/SetSlicer.ts"
import { SetVocabUnslicer } from "./slicer/SetVocabSlicer.ts"
import { TupleUnslicer } from "./slicer/TupleSlicer.ts"
import { UnicodeUnslicer } from "./slicer/UnicodeSlicer.ts"
import type { Unslice } from "./Unslicer.ts"

/**
 * What may stand in any place.
 *
 * @category models
 * @since 0.1.0
 */
export const values: ReadonlyMap<string, Unslice> = new Map<string, Unslice>([
  ["none", () => new NoneUnslicer()],
  ["boolean", () => new BooleanUnslicer()],
  ["reference", (scope) => new ReferenceUnslicer(scope)],
  ["dict", (scope, shape) => new DictUnslicer(scope, shape)],
  ["list", (scope, shape) => new ListUnslicer(scope, shape)],
  ["tuple", (scope, shape) => new TupleUnslicer(scope, shape)],
  ["set", (scope, shape) => new SetUnslicer(scope, shape)],
  ["immutable-set", (scope, shape) => new ImmutableSetUnslicer(scope, shape)],
  ["unicode", (_, shape) => new UnicodeUnslicer(shape.maxBytes)],
  ["decimal", (_, shape) => new DecimalUnslicer(shape.maxBytes)]
])

/**
 * What may stand at the top level, which the vocabulary's own two kinds are for.
 *
 * @category models
 * @since 0.1.0
 */
export const top: ReadonlyMap<string, Unslice> = new Map<string, Unslice>([
  ...values,
  ["set-vocab", (scope) => new SetVocabUnslicer(scope)],
  ["add-vocab", (scope) => new AddVocabUnslicer(scope)]
])

/**
 * The longest of these words: a longer one after an OPEN is refused without being stored.
 *
 * @category constants
 * @since 0.1.0
 */
export const longest: number = Math.max(...Array.from(top.keys(), (word) => word.length))
