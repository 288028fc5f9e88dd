import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { NextProtocol } from "../src/NextProtocol.ts"

const words = [
  ...["none", "boolean", "reference", "dict", "list", "tuple", "set", "immutable-set", "unicode", "set-vocab"],
  ...["add-vocab", "call", "arguments", "answer", "error", "my-reference", "your-reference", "their-reference"],
  ...["copyable", "instance", "module", "class", "method", "function", "attrdict"]
]

describe("NextProtocol.layerBanana", () => {
  it.effect("knows each vocabulary by the SHA-1 of its words, joined by zero bytes (N19)", () =>
    Effect.gen(function* () {
      const { hashOf, vocabularies } = yield* NextProtocol
      const tables = [[], words]
      assert.deepStrictEqual([vocabularies.min, vocabularies.max], [0, tables.length - 1])
      tables.forEach((table, index) => {
        assert.strictEqual(hashOf(index), createHash("sha1").update(table.join("\0")).digest("hex").slice(0, 4))
      })
    }).pipe(Effect.provide(NextProtocol.layerBanana))
  )

  it.effect("offers version 3 and understands a Decision for 1, 2 and 3 (N18)", () =>
    Effect.gen(function* () {
      const { understood, versions } = yield* NextProtocol
      assert.deepStrictEqual([`${versions}`, `${understood}`], ["3 3", "1 3"])
    }).pipe(Effect.provide(NextProtocol.layerBanana))
  )
})
