/** Receiving: the server's side of a bulk transfer. It says one byte when as many have come as were announced. */
import { createHash, type Hash } from "node:crypto"

export interface Expected {
  readonly bytes: number
  /** Whether to hash them, which is for the time before anything is measured. */
  readonly hashed: boolean
}

export class Receiving {
  private left = 0
  private hash: Hash | undefined

  expect({ bytes, hashed }: Expected): void {
    this.left = bytes
    this.hash = hashed ? createHash("sha256") : undefined
  }

  /** Whether that were all. */
  take(bytes: Uint8Array): boolean {
    this.left -= bytes.length
    this.hash?.update(bytes)
    return this.left === 0
  }

  digest(): string {
    return this.hash?.digest("hex") ?? ""
  }
}

/** What is sent, over and over. */
export const chunkOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => at * 7)
