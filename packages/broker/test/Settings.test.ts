import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DisconnectTime, KeepaliveTime } from "../src/Keepalive.ts"
import * as Settings from "../src/Settings.ts"

/** The settings that follow from this environment. */
const settingsFrom = (env: Record<string, string>) =>
  Layer.build(Settings.layerConfig.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))).pipe(
    Effect.map((context) => [
      Duration.format(Context.get(context, KeepaliveTime)),
      Duration.format(Context.get(context, DisconnectTime))
    ]),
    Effect.scoped
  )

describe("Settings.layerConfig", () => {
  it.effect("leaves four minutes, and no end to the patience, where nothing is said", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* settingsFrom({}), ["4m", "Infinity"])
    })
  )

  it.effect("takes what the configuration says", () =>
    Effect.gen(function* () {
      const settings = settingsFrom({ FOOLSCAP_KEEPALIVE_TIME: "30 seconds", FOOLSCAP_DISCONNECT_TIME: "2 minutes" })
      assert.deepStrictEqual(yield* settings, ["30s", "2m"])
    })
  )

  for (const key of ["FOOLSCAP_KEEPALIVE_TIME", "FOOLSCAP_DISCONNECT_TIME"]) {
    it.effect(`refuses a ${key} that is no time above zero, with an error that names the key`, () =>
      Effect.gen(function* () {
        for (const value of ["soon", "0 seconds"]) {
          const error = yield* Effect.flip(settingsFrom({ [key]: value }))
          assert.strictEqual(error._tag, "ConfigError")
          assert.include(error.message, key)
        }
      })
    )
  }
})
