/**
 * `list`: the items.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { refuse, within } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import type { Value } from "../value/Value.ts"
import { IndexWord } from "../wire/IndexWord.ts"

const full = Constraint.none(() => refuse("the list is full"))

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (list: ReadonlyArray<Value>, out: Slicing): void => {
  if (out.isKnown(list)) return
  const number = out.open(IndexWord.list)
  let at = 0
  try {
    for (at = out.integers(list, 0); at < list.length; at = out.integers(list, at + 1)) {
      out.value(list[at] as Value) // below its length
    }
  } catch (cause) {
    throw within(() => `[${at}]`, cause)
  }
  out.close(number)
}

/** So many items of a list wait at most: the engine moves an array that grows, again and again, which costs more than parts. */
const partLength = 8192

const noItems: ReadonlyArray<unknown> = []

/**
 * Receives one. Its items wait among those of all open lists, so that a list is made once, of its size; a long one is joined of
 * parts.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class ListUnslicer extends Unslicer {
  private readonly scope: Scope
  private readonly place: number
  private readonly start: number
  private length = 0
  private parts: Array<ReadonlyArray<unknown>> | undefined = undefined
  /** How many more; below zero for any number. */
  private room: number
  /** The list, if a reference inside it needed it early. */
  private list: Array<unknown> | undefined = undefined

  constructor(scope: Scope, shape: Constraint.Shape) {
    super()
    this.scope = scope
    scope.expected = shape.maxLength === 0 ? full : (shape.item ?? Constraint.any)
    this.room = shape.maxLength ?? -1
    this.start = scope.waitingCount
    this.place = scope.register(this)
  }

  receive(child: unknown): void {
    const { list, scope } = this
    this.length++
    if (list !== undefined) list.push(child)
    else {
      scope.waiting[scope.waitingCount++] = child
      if (this.length % partLength === 0) this.endPart()
    }
    if (this.room > 0 && --this.room === 0) scope.expected = full
  }

  override early(): ReadonlyArray<unknown> {
    return (this.list ??= this.joined())
  }

  private endPart(): void {
    const { scope, start } = this
    this.parts ??= []
    this.parts.push(scope.waiting.slice(start, start + partLength))
    scope.waitingCount = start
  }

  private joined(): Array<unknown> {
    const { parts, scope, start } = this
    const rest = scope.waiting.slice(start, start + (this.length % partLength))
    return parts === undefined ? rest : noItems.concat(...parts, rest)
  }

  close(): ReadonlyArray<unknown> {
    const list = this.early()
    this.scope.waitingCount = this.start
    this.scope.settle(this.place, list)
    return list
  }

  describe(): string {
    return `[${this.length}]`
  }
}
