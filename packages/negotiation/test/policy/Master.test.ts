import { TubId } from "@effect-foolscap/furl/TubId"
import { assert, describe, it } from "@effect/vitest"
import { roleOf } from "../../src/policy/Master.ts"

const id = (text: string) => TubId.make(text)

describe("Master", () => {
  for (const [lower, higher] of [
    ["bkwv3voln2kkwhxhkj5bhsjw7n7qvlet", "p34dey6aut5fvfk7jekonycc7apozbhf"],
    // Digits sort below letters, though they stand for the larger digests (N2).
    ["5b633fkrmh5ljnyzrd43joa4f6gkcpz6", "bkwv3voln2kkwhxhkj5bhsjw7n7qvlet"],
    ["77777777777777777777777777777777", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"]
  ] as const) {
    it(`is the higher TubId on either side: ${higher} over ${lower} (N17)`, () => {
      assert.strictEqual(roleOf("client", id(higher), id(lower)), "Master")
      assert.strictEqual(roleOf("server", id(higher), id(lower)), "Master")
      assert.strictEqual(roleOf("client", id(lower), id(higher)), "NonMaster")
      assert.strictEqual(roleOf("server", id(lower), id(higher)), "NonMaster")
    })
  }

  it("is the server on a tie (N17)", () => {
    const same = id("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet")
    assert.strictEqual(roleOf("server", same, same), "Master")
    assert.strictEqual(roleOf("client", same, same), "NonMaster")
  })

  it.prop("is whoever has proven a TubId, towards an anonymous peer (N16, N17)", [TubId], ([ours]) => {
    assert.strictEqual(roleOf("client", ours, undefined), "Master")
    assert.strictEqual(roleOf("server", ours, undefined), "Master")
  })

  it.prop("is exactly one of the two sides, for any two Tubs (N17)", [TubId, TubId], ([client, server]) => {
    for (const [here, there] of [
      [client, server],
      [server, client],
      [client, client]
    ] as const) {
      assert.notStrictEqual(roleOf("client", here, there), roleOf("server", there, here))
    }
  })

  it.prop("is the same Tub whoever dials, unless a Tub dials itself", [TubId, TubId], ([a, b]) => {
    assert.isTrue(a === b || roleOf("client", a, b) === roleOf("server", a, b))
  })
})
