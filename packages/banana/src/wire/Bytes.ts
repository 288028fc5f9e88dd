/**
 * Copies of bytes.
 *
 * @since 0.1.0
 */

/** Fewer bytes are copied one by one, which costs less than a call into the engine. */
const few = 32

/**
 * Copies the bytes between `start` and `end` of one array into another.
 *
 * @category copying
 * @since 0.1.0
 */
export const copy = (from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void => {
  if (end - start > few) to.set(from.subarray(start, end), at)
  else for (let index = start; index < end; index++) to[at + index - start] = from[index] as number // below its length
}

/**
 * A copy of the bytes between `start` and `end`. Not `slice`, which does not copy where the array is Node's Buffer.
 *
 * @category copying
 * @since 0.1.0
 */
export const copyOf = (from: Uint8Array, start: number, end: number): Uint8Array => {
  const bytes = new Uint8Array(end - start)
  copy(from, start, end, bytes, 0)
  return bytes
}
