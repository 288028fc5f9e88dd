import { assert, describe, it } from "@effect/vitest"
import {
  AlreadyDialled,
  AnotherNetwork,
  NotFollowed,
  RedirectLoop,
  TooManyLocations,
  TooManyRedirects
} from "../src/NotFollowed.ts"

const many = Array.from({ length: 280 }, (_, at) => `tcp:h${at}:1`)

describe("NotFollowed", () => {
  const reasons = [
    new RedirectLoop({ locations: many }),
    new AlreadyDialled({ locations: many }),
    new AnotherNetwork({ locations: many }),
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
      assert.isAtMost(message.length, 250)
    }
  })

  it("names all of a few places", () => {
    assert.strictEqual(
      new AlreadyDialled({ locations: many.slice(0, 3) }).message,
      "the server sends us to tcp:h0:1, tcp:h1:1, tcp:h2:1, which this dial has tried already"
    )
  })

  it("shows the beginning of a place of thousands of characters", () => {
    const long = `tor:${"x".repeat(4000)}`
    assert.strictEqual(
      new AlreadyDialled({ locations: [long, "tcp:b:1"] }).message,
      `the server sends us to tor:${"x".repeat(96)}..., tcp:b:1, which this dial has tried already`
    )
  })

  it("blames no redirect in particular for too many places, since others may have used them up", () => {
    assert.strictEqual(
      new TooManyLocations({ limit: 20, locations: ["tcp:b:1"] }).message,
      "a dial tries at most 20 of the places that redirects lead to from one hint of its FURL; left out: tcp:b:1; shorten one of the redirects on the way"
    )
  })
})
