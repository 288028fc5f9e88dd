/** Fingerprint: one hash for equal values, in whatever language. `python/codec.py` has the same. */
import { createHash } from "node:crypto"
import type { Plain } from "./Values.ts"

/** A line for each value in order, a container's with its size, hashed. */
export const fingerprint = (value: Plain): string => {
  const sha = createHash("sha256")
  let lines = ""
  const tell = (line: string) => {
    lines += `${line}\n`
    if (lines.length > 65_536) {
      sha.update(lines)
      lines = ""
    }
  }
  const add = (each: Plain): void => {
    if (each === null) tell("n")
    else if (typeof each === "boolean") tell(each ? "t" : "f")
    else if (typeof each === "number") tell(Number.isSafeInteger(each) ? `i${each}` : `d${hexOfDouble(each)}`)
    else if (typeof each === "string") tell(`s${Buffer.from(each).toString("hex")}`)
    else if (each instanceof Uint8Array)
      tell(`b${Buffer.from(each.buffer, each.byteOffset, each.length).toString("hex")}`)
    else if (isList(each)) {
      tell(`l${each.length}`)
      for (const item of each) add(item)
    } else {
      const keys = Object.keys(each).sort()
      tell(`m${keys.length}`)
      for (const key of keys) {
        add(key)
        add(each[key] ?? null)
      }
    }
  }
  add(value)
  return sha.update(lines).digest("hex")
}

const isList = (value: object): value is ReadonlyArray<Plain> => Array.isArray(value)

const hexOfDouble = (value: number): string => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString("hex")
}
