/**
 * What a person, and a state, call the bytes of one write.
 */
const decoder = new TextDecoder("latin1")

const valueOf = (text: string, key: string): string => new RegExp(`^${key}: (.*)\\r$`, "m").exec(text)?.[1] ?? ""

/**
 * The kind of block, and of what it says only what the peer's course depends on.
 */
export const labelOf = (bytes: Uint8Array): string => {
  const text = decoder.decode(bytes)
  if (text.startsWith("GET ")) return "GET"
  if (text.startsWith("HTTP/1.1 ")) return text.slice(9, 12)
  const error = valueOf(text, "error")
  if (error !== "") return `error(${error})`
  if (text.includes("banana-decision-version")) return `Decision(${valueOf(text, "current-connection")})`
  if (text.includes("my-tub-id")) {
    return `Hello(${valueOf(text, "my-incarnation")}; ${valueOf(text, "last-connection")})`
  }
  const token = text.indexOf("\x8d")
  return token === -1 ? JSON.stringify(text) : `ERROR(${text.slice(token + 1)})`
}
