import { assert, describe, it } from "@effect/vitest"
import { BananaError } from "../src/BananaError.ts"
import { heard } from "./Stream.ts"
import { dict, int, join, open, string, text } from "./Tokens.ts"

describe("BananaError", () => {
  it("says what and where, to a person and, in Foolscap's form, to the peer", () => {
    const error = new BananaError({ where: "<RootUnslicer>.[0]", reason: "lost sync" })
    assert.strictEqual(error.message, "lost sync (at <RootUnslicer>.[0])")
    assert.strictEqual(error.wireText, "BananaError(in <RootUnslicer>.[0]): ('lost sync',)")
  })

  it("is quoted for the peer as Python does", () => {
    const wireText = (reason: string) => new BananaError({ where: "x", reason }).wireText
    assert.strictEqual(wireText("duplicate key 'a'"), `BananaError(in x): ("duplicate key 'a'",)`)
    assert.strictEqual(wireText(`both ' and "`), `BananaError(in x): ('both \\' and "',)`)
    assert.strictEqual(wireText("a\nb\\c\0\u{7f}"), String.raw`BananaError(in x): ('a\nb\\c\x00\x7f',)`)
  })

  it("tells the peer 1000 bytes at most, and no half of a character", () => {
    for (let length = 960; length < 1010; length++) {
      for (const character of ["a", "\u00e9", "\u20ac", "\u{1f600}"]) {
        const { wireText } = new BananaError({ where: "x", reason: "b".repeat(length) + character.repeat(20) })
        assert.isAtMost(Buffer.byteLength(wireText), 1000)
        assert.notInclude(wireText, "\ufffd")
      }
    }
  })

  it("cuts a long key short", () => {
    const key = "k".repeat(500)
    const expected = `Failed <RootUnslicer>.{}: duplicate key '${"k".repeat(100)}...'`
    assert.deepStrictEqual(heard(dict(text(key), int(1), text(key), int(2))), [expected])
  })

  it("has the keys of dicts in its path", () => {
    const bytes = join(open(0, "dict"), string("a"), open(1, "dict"), text("b"), open(2, "none"), int(1))
    assert.deepStrictEqual(heard(bytes), [
      "Failed <RootUnslicer>.{}[b'a'].{}[b].??: NoneUnslicer does not accept any tokens"
    ])
  })
})
