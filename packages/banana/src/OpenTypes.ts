/**
 * The kinds of sequences, by the word after their OPEN (B6).
 *
 * @since 0.1.0
 */
import type * as Constraint from "./Constraint.ts"
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
import type { Scope, Unslicer } from "./Unslicer.ts"

/**
 * The unslicers of what has no sequences inside: each receives all of its kind, one after the other.
 *
 * @category models
 * @since 0.1.0
 */
export class Leaves {
  readonly none: NoneUnslicer
  readonly boolean: BooleanUnslicer
  readonly unicode: UnicodeUnslicer
  readonly decimal: DecimalUnslicer
  readonly reference: ReferenceUnslicer

  constructor(scope: Scope) {
    this.none = new NoneUnslicer(scope)
    this.boolean = new BooleanUnslicer(scope)
    this.unicode = new UnicodeUnslicer(scope)
    this.decimal = new DecimalUnslicer(scope)
    this.reference = new ReferenceUnslicer(scope)
  }

  /** Keeps nothing of the last ones. */
  forget(): void {
    this.unicode.forget()
    this.decimal.forget()
    this.reference.forget()
  }
}

/**
 * What gives the unslicer of a sequence, of the shape that is expected of it.
 *
 * @category models
 * @since 0.1.0
 */
export type Unslice = (scope: Scope, shape: Constraint.Shape, leaves: Leaves) => Unslicer

/**
 * What may stand in any place.
 *
 * @category constants
 * @since 0.1.0
 */
export const values: ReadonlyMap<string, Unslice> = new Map<string, Unslice>([
  ["none", (_scope, _shape, leaves) => leaves.none.begin()],
  ["boolean", (_scope, _shape, leaves) => leaves.boolean.begin()],
  ["unicode", (_scope, shape, leaves) => leaves.unicode.begin(shape.maxBytes)],
  ["decimal", (_scope, shape, leaves) => leaves.decimal.begin(shape.maxBytes)],
  ["reference", (_scope, _shape, leaves) => leaves.reference.begin()],
  ["list", (scope, shape) => new ListUnslicer(scope, shape)],
  ["tuple", (scope, shape) => new TupleUnslicer(scope, shape)],
  ["dict", (scope, shape) => new DictUnslicer(scope, shape)],
  ["set", (scope, shape) => new SetUnslicer(scope, shape)],
  ["immutable-set", (scope, shape) => new ImmutableSetUnslicer(scope, shape)]
])

/**
 * What may stand at the top level alone: the vocabulary's own two kinds.
 *
 * @category constants
 * @since 0.1.0
 */
export const vocabulary: ReadonlyMap<string, Unslice> = new Map<string, Unslice>([
  ["set-vocab", (scope) => new SetVocabUnslicer(scope)],
  ["add-vocab", (scope) => new AddVocabUnslicer(scope)]
])

/**
 * How long the longest of these words is. A longer one after an OPEN is refused without being stored.
 *
 * @category constants
 * @since 0.1.0
 */
export const longest = "immutable-set".length
