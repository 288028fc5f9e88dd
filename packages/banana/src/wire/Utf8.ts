/**
 * UTF-8 as Python reads and writes it: strictly.
 *
 * @since 0.1.0
 */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Shorter texts are put together here, which costs less than a call into the engine. */
const short = 24

/**
 * The text of these bytes; `undefined` if they are not UTF-8, which surrogates are not either.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeUtf8 = (source: Uint8Array, start: number, end: number): string | undefined => {
  if (end - start <= short) {
    const text = asciiOf(source, start, end)
    if (text !== undefined) return text
  }
  try {
    return decoder.decode(source.subarray(start, end))
  } catch {
    return undefined
  }
}

/** Four characters at a time: each call makes one string, and `+` copies short ones. */
const asciiOf = (source: Uint8Array, start: number, end: number): string | undefined => {
  let text = ""
  let at = start
  for (; at + 4 <= end; at += 4) {
    const [a, b, c, d] = [source[at], source[at + 1], source[at + 2], source[at + 3]] as [
      number,
      number,
      number,
      number
    ]
    if ((a | b | c | d) >= 0x80) return undefined
    text += String.fromCharCode(a, b, c, d)
  }
  for (; at < end; at++) {
    const byte = source[at] as number // below its length
    if (byte >= 0x80) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}
