/**
 * 64 bits of a text.
 */

/**
 * Two independent hashes of 32 bits (multiply and xor, as in MurmurHash). Among n states two differ and look the same
 * with a probability of about n²/2⁶⁵: one in a million at six million states.
 */
export const hashOf = (text: string): bigint => {
  let low = 0x9747b28c
  let high = 0x51ed270b
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x85ebca6b)
    low ^= low >>> 15
    high = Math.imul(high ^ code, 0xc2b2ae35)
    high ^= high >>> 13
  }
  low = Math.imul(low ^ (low >>> 16), 0xe6546b64)
  high = Math.imul(high ^ (high >>> 16), 0x1b873593)
  return (BigInt(high >>> 0) << 32n) | BigInt((low ^ (low >>> 13)) >>> 0)
}
