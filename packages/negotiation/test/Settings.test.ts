import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { HandleOldPeers } from "../src/ConnectionTable.ts"
import { AnonymousPeers, Deadline } from "../src/NegotiationService.ts"
import * as Settings from "../src/Settings.ts"

/** The settings that follow from this environment. */
const settingsFrom = (env: Record<string, string>) =>
  Layer.build(Settings.layerConfig.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))).pipe(
    Effect.map((context) => ({
      deadline: Duration.format(Context.get(context, Deadline)),
      handleOldPeers: Context.get(context, HandleOldPeers),
      anonymousPeers: Context.get(context, AnonymousPeers)
    })),
    Effect.scoped
  )

describe("Settings.layerConfig", () => {
  it.effect("leaves two minutes, and refuses old and anonymous peers, where nothing is said (N16, N22, N27)", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* settingsFrom({}), {
        deadline: "2m",
        handleOldPeers: "refuse",
        anonymousPeers: "refuse"
      })
    })
  )

  it.effect("takes what the configuration says", () =>
    Effect.gen(function* () {
      const settings = yield* settingsFrom({
        FOOLSCAP_NEGOTIATION_DEADLINE: "30 seconds",
        FOOLSCAP_HANDLE_OLD_PEERS: "1 minute",
        FOOLSCAP_ANONYMOUS_PEERS: "accept"
      })
      assert.deepStrictEqual(settings, {
        deadline: "30s",
        handleOldPeers: Duration.minutes(1),
        anonymousPeers: "accept"
      })
    })
  )

  it.effect("changes nothing that the program has set where the configuration is silent", () =>
    Effect.gen(function* () {
      const settings = yield* settingsFrom({}).pipe(
        Effect.provideService(Deadline, Duration.seconds(7)),
        Effect.provideService(AnonymousPeers, "accept")
      )
      assert.deepStrictEqual(settings, { deadline: "7s", handleOldPeers: "refuse", anonymousPeers: "accept" })
    })
  )

  for (const [key, value] of [
    ["FOOLSCAP_NEGOTIATION_DEADLINE", "soon"],
    ["FOOLSCAP_NEGOTIATION_DEADLINE", "0 seconds"],
    ["FOOLSCAP_NEGOTIATION_DEADLINE", "Infinity"],
    ["FOOLSCAP_NEGOTIATION_DEADLINE", "-1 minute"],
    ["FOOLSCAP_HANDLE_OLD_PEERS", "accept"],
    ["FOOLSCAP_ANONYMOUS_PEERS", "yes"]
  ] as const) {
    it.effect(`refuses ${key} = "${value}" with an error that names the key`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(settingsFrom({ [key]: value }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, key)
        assert.include(error.message, key.endsWith("PEERS") ? "refuse" : "such as 30 seconds or 2 minutes")
      })
    )
  }
})
