/**
 * The kinds of sequences, by the word after their OPEN (B6).
 *
 * @since 0.1.0
 */
import { AddVocabUnslicer } from "./slicer/AddVocabUnslicer.ts"
import { BooleanUnslicer } from "./slicer/BooleanSlicer.ts"
import { DecimalUnslicer } from "./slicer/DecimalSlicer.ts"
import { DictUnslicer } from "./slicer/DictSlicer.ts"
import { ImmutableSetUnslicer } from "./slicer/ImmutableSetSlicer.ts"
import { ListUnslicer } from "./slicer/ListSlicer.ts"
import { NoneUnslicer } from "./slicer/NoneSlicer.ts"
import { ReferenceUnslicer } from "./slicer/ReferenceSlicer.ts"
import { SetUnslicer } from "./slicer/SetSlicer.ts"
import { SetVocabUnslicer } from "./slicer/SetVocabUnslicer.ts"
import { TupleUnslicer } from "./slicer/TupleSlicer.ts"
import { UnicodeUnslicer } from "./slicer/UnicodeSlicer.ts"
import type { Scope, Unslice } from "./Unslicer.ts"

/**
 * What may stand in any place. What has no sequences inside is received by the same unslicer each time.
 *
 * @category constructors
 * @since 0.1.0
 */
export const values = (scope: Scope): ReadonlyMap<string, Unslice> => {
  const none = new NoneUnslicer(scope)
  const boolean = new BooleanUnslicer(scope)
  const unicode = new UnicodeUnslicer(scope)
  const decimal = new DecimalUnslicer(scope)
  const reference = new ReferenceUnslicer(scope)
  return new Map<string, Unslice>([
    ["none", () => none.begin()],
    ["boolean", () => boolean.begin()],
    ["unicode", (shape) => unicode.begin(shape.maxBytes)],
    ["decimal", (shape) => decimal.begin(shape.maxBytes)],
    ["reference", () => reference.begin()],
    ["list", (shape) => new ListUnslicer(scope, shape)],
    ["tuple", (shape) => new TupleUnslicer(scope, shape)],
    ["dict", (shape) => new DictUnslicer(scope, shape)],
    ["set", (shape) => new SetUnslicer(scope, shape)],
    ["immutable-set", (shape) => new ImmutableSetUnslicer(scope, shape)]
  ])
}

/**
 * What may stand at the top level alone: the vocabulary's own two kinds.
 *
 * @category constructors
 * @since 0.1.0
 */
export const vocabulary = (scope: Scope): ReadonlyMap<string, Unslice> =>
  new Map<string, Unslice>([
    ["set-vocab", () => new SetVocabUnslicer(scope)],
    ["add-vocab", () => new AddVocabUnslicer(scope)]
  ])

/**
 * How long the longest of these words is. A longer one after an OPEN is refused without being stored.
 *
 * @category constants
 * @since 0.1.0
 */
export const longest = "immutable-set".length
