import { assert, describe, it } from "@effect/vitest"
import * as Event from "../../src/explore/Event.ts"

describe("An event", () => {
  it("is read back from its word", () => {
    const codes = Event.events.flatMap((event, code) => (event === undefined ? [] : [code]))
    assert.deepStrictEqual(Event.parsePath(codes.map(Event.format).join("  ")), codes)
  })

  it("that does not exist is named", () => {
    assert.throws(() => Event.parsePath("low.dials low.sings"), /"low.sings" is no event/)
  })

  it("has the number under which it is made", () => {
    assert.deepStrictEqual(Event.eventOf(Event.deliver(3, "server")), { _tag: "Deliver", wire: 3, to: "server" })
    assert.deepStrictEqual(Event.eventOf(Event.lose(7, "nobody")), { _tag: "Lose", wire: 7, heardBy: "nobody" })
    assert.deepStrictEqual(Event.eventOf(Event.late("high")), { _tag: "Late", name: "high" })
    assert.deepStrictEqual(Event.eventOf(Event.dial("low")), { _tag: "Dial", name: "low" })
    assert.deepStrictEqual(Event.eventOf(Event.restart("high")), { _tag: "Restart", name: "high" })
  })
})
