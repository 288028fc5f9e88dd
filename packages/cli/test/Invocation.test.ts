import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Invocation from "../src/Invocation.ts"

const furl = "pb://p34dey6aut5fvfk7jekonycc7apozbhf@tcp:example.org:4711,tcp:[::1]:4711/"

const Name = Schema.String.check(Schema.isPattern(/^[^\n]{6,}$/))

describe("Invocation.withoutNames", () => {
  it.prop("never shows the name of a FURL, whatever the name is", { name: Name }, ({ name }) => {
    const shown = Invocation.withoutNames(`not a file: "${furl}${name}".\nTry again.`)
    assert.strictEqual(shown, `not a file: "${furl}<redacted>\nTry again.`)
  })

  it("does so for a malformed FURL too, and for each of several", () => {
    const shown = Invocation.withoutNames("no such thing: pb://short@host/swissnum\nnor pb:///swissnum")
    assert.strictEqual(shown, "no such thing: pb://short@host/<redacted>\nnor pb:///<redacted>")
  })

  it("leaves other text alone", () => {
    assert.strictEqual(Invocation.withoutNames("cannot read /etc/tub.pem"), "cannot read /etc/tub.pem")
  })
})
