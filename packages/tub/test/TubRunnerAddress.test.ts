import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { assert, describe, it } from "@effect/vitest"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TubRunnerAddress from "../src/TubRunnerAddress.ts"
import { high } from "./Network.ts"

const Host = Schema.Literals(["10.0.0.7", "runner-7.example.com", "2001:db8::7", "fe80::1%eth0"])
const Port = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))
const Place = Schema.String.check(Schema.isMaxLength(50))

describe("TubRunnerAddress", () => {
  it.prop("leads to the Tub and the place that it was made of", [Host, Port], ([host, port]) => {
    const target = Result.getOrThrow(TubRunnerAddress.target(TubRunnerAddress.make(high.tubId, host, port)))
    assert.strictEqual(target.tubId, high.tubId)
    assert.isTrue(Equal.equals(target.hints, [LocationHint.tcp(host, port)]))
  })

  it.prop(
    "whatever a storage holds, is a Tub at one place or an error",
    [Place, Place, Schema.Int],
    ([id, place, port]) => {
      for (const host of [id, `${id}@${place}`, `${high.tubId}@${place}`]) {
        const target = TubRunnerAddress.target(RunnerAddress.make(host, port))
        if (Result.isFailure(target)) assert.strictEqual(target.failure._tag, "NotATubRunner")
        else
          assert.strictEqual(
            `${target.success.tubId}@${target.success.hints[0].text}`,
            `${high.tubId}@tcp:${place}:${port}`
          )
      }
    }
  )

  it("reads as people write addresses, IPv6 in brackets", () => {
    const addresses = ["10.0.0.7", "::1", "[::1]"].map((host) => String(TubRunnerAddress.make(high.tubId, host, 34431)))
    assert.deepStrictEqual(addresses, [
      `RunnerAddress(${high.tubId}@10.0.0.7:34431)`,
      `RunnerAddress(${high.tubId}@[::1]:34431)`,
      `RunnerAddress(${high.tubId}@[::1]:34431)`
    ])
  })

  for (const [what, host, port] of [
    ["no Tub", "10.0.0.7", 34431],
    ["a short TubId", "abc@10.0.0.7", 34431],
    ["no host", `${high.tubId}@`, 34431],
    ["an IPv6 address without brackets", `${high.tubId}@::1`, 34431],
    ["more than one place", `${high.tubId}@10.0.0.7:1,tcp:10.0.0.8`, 34431],
    ["a port in the host", `${high.tubId}@[::1]:1`, 34431],
    ["no port", `${high.tubId}@10.0.0.7`, 65_536]
  ] as const) {
    it(`is an error that shows the address, for one with ${what}`, () => {
      const { message } = Result.getOrThrow(Result.flip(TubRunnerAddress.target(RunnerAddress.make(host, port))))
      assert.include(message, `${host}:${port} is not the address of a Tub's runner`)
    })
  }
})
