/**
 * UTF-8 as Python reads and writes it: strictly.
 *
 * @since 0.1.0
 */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Shorter texts are put together here, which costs less than a call into the engine. */
const short = 24

/**
 * Short texts of ASCII that came lately, by a hash of their bytes. Most programs send the same few again and again: keys, names,
 * words. Whoever asks for such bytes gets the same string, and the engine makes, and keeps, one instead of many.
 */
const recent = Array.from({ length: 4096 }, () => "")

/**
 * The text of these bytes; `undefined` if they are not UTF-8, which surrogates are not either.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeUtf8 = (source: Uint8Array, start: number, end: number): string | undefined => {
  const length = end - start
  if (length <= short) {
    let hash = length
    let all = 0
    for (let at = start; at < end; at++) {
      const byte = source[at] as number // below its length
      all |= byte
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    if (all < 0x80) {
      const slot = (hash ^ (hash >>> 12)) & (recent.length - 1)
      const text = recent[slot] as string // one of its slots
      if (text.length === length && isAt(text, source, start)) return text
      return (recent[slot] = asciiOf(source, start, end))
    }
  }
  try {
    return decoder.decode(source.subarray(start, end))
  } catch {
    return undefined
  }
}

const isAt = (text: string, source: Uint8Array, start: number): boolean => {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== source[start + at]) return false
  return true
}

/** Four characters at a time: each call makes one string, and `+` copies short ones. */
const asciiOf = (source: Uint8Array, start: number, end: number): string => {
  let text = ""
  let at = start
  for (; at + 4 <= end; at += 4) {
    const [a, b, c, d] = [source[at], source[at + 1], source[at + 2], source[at + 3]] as [
      number,
      number,
      number,
      number
    ]
    text += String.fromCharCode(a, b, c, d)
  }
  for (; at < end; at++) text += String.fromCharCode(source[at] as number) // below its length
  return text
}
