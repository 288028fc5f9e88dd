/**
 * Foolscap's base32: the alphabet of RFC 4648 in lower case, without padding characters.
 *
 * @since 0.1.0
 */

const alphabet = "abcdefghijklmnopqrstuvwxyz234567"

/**
 * Writes bytes as base32, most significant bit first. A last group of fewer than 5 bits is filled with zero bits.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (bytes: Uint8Array): string => {
  let text = ""
  let pending = 0
  let bits = 0
  for (const byte of bytes) {
    pending = (pending << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet.charAt((pending >>> bits) & 31)
    }
    pending &= (1 << bits) - 1
  }
  return bits === 0 ? text : text + alphabet.charAt((pending << (5 - bits)) & 31)
}
