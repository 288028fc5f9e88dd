import { assert, describe, it } from "@effect/vitest"
import { AlreadyDialled, NotFollowed, RedirectLoop, TooManyLocations, TooManyRedirects } from "../src/NotFollowed.ts"

const many = Array.from({ length: 280 }, (_, at) => `tcp:h${at}:1`)

describe("NotFollowed", () => {
  const reasons = [
    new RedirectLoop({ locations: many }),
    new AlreadyDialled({ locations: many }),
    new TooManyRedirects({ limit: 5, locations: many }),
    new TooManyLocations({ limit: 20, locations: many })
  ]

  it("says of every reason where the server pointed, but not hundreds of places", () => {
    assert.sameMembers(
      reasons.map(({ _tag }) => _tag),
      NotFollowed.members.map((member) => member.fields._tag.schema.literal)
    )
    for (const { message } of reasons) {
      assert.include(message, "tcp:h0:1, tcp:h1:1, tcp:h2:1 and 277 more")
      assert.isAtMost(message.length, 200)
    }
  })

  it("names all of a few places", () => {
    assert.strictEqual(
      new AlreadyDialled({ locations: many.slice(0, 3) }).message,
      "the server sends us to tcp:h0:1, tcp:h1:1, tcp:h2:1, which this dial has tried already"
    )
  })
})
