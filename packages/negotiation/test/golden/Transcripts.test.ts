import { assert, describe, it } from "@effect/vitest"
import { allDifferences, differencesOf } from "./Differences.ts"
import { transcripts } from "./Fixtures.ts"
import { perspectives } from "./Perspectives.ts"
import { play } from "./Playback.ts"

/** Recordings in which no connection was made: their claims are about hints and about a Tub that asks for itself. */
const withoutConnection = ["27-no-usable-hint", "28-connection-refused", "33-loopback"]

describe("Transcripts of Foolscap", () => {
  it("are all played, but for those without a connection", () => {
    const played = new Set(perspectives.map(({ transcript }) => transcript.name))
    assert.deepStrictEqual(
      transcripts.flatMap(({ name }) => (played.has(name) ? [] : [name])),
      withoutConnection
    )
  })

  it("are not left where there is nothing to leave, nor for the same bytes", () => {
    for (const { difference, n, ours, transcript } of allDifferences) {
      const event = transcripts.find(({ name }) => name === transcript)?.events.find((other) => other.n === n)
      assert.isDefined(event, `${transcript} ${ours} ${n}`)
      if (event !== undefined && "from" in event) {
        assert.strictEqual(event.from, ours, `${transcript} ${n}`)
        assert.notStrictEqual(event.bytes, difference.says, `${transcript} ${n}`)
      }
    }
  })

  for (const { ours, transcript } of perspectives) {
    const differences = Object.values(differencesOf(transcript.name, ours))
    const rules = new Set(differences.flatMap(({ rule, says }) => (says === undefined ? [] : [rule])))
    const except = rules.size === 0 ? "" : `, except for ${[...rules].join("; ")}`
    it.effect(`${transcript.name}: our ${ours} sends exactly Foolscap's bytes${except}`, () => play(transcript, ours))
  }
})
