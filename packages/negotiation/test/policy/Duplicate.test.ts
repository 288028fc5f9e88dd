import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { accepts, type HandleOldPeers, judge, parallelLimit, type Row } from "../../src/policy/Duplicate.ts"

const ours = "6666666666666666"
const theirs = "2222222222222222"
const restarted = "3333333333333333"
const past = "1111111111111111"
const minute = Duration.seconds(60)

interface Case {
  readonly incarnation?: string | undefined
  readonly lastConnection?: string | undefined
  readonly remembered?: string | undefined
  /** What it said of its last connection when the one we hold was made. */
  readonly saidThen?: string | undefined
  readonly age?: Duration.Duration
  readonly handleOldPeers?: HandleOldPeers
}

/** The row for a peer that we hold connection number 5 with. */
const rowFor = (given: Case): Row | "malformed" => {
  const { age = Duration.zero, handleOldPeers = "refuse", incarnation, lastConnection, saidThen } = given
  const offer = {
    ...(incarnation === undefined ? {} : { incarnation }),
    ...(lastConnection === undefined ? {} : { lastConnection })
  }
  const remembered = "remembered" in given ? given.remembered : theirs
  const existing = {
    incarnation: remembered,
    lastConnection: "saidThen" in given ? saidThen : "none 0",
    seqnum: 5,
    age
  }
  return Result.match(judge({ existing, offer, ours, handleOldPeers }), {
    onFailure: ({ _tag }) => (_tag === "MalformedBlock" ? "malformed" : assert.fail(_tag)),
    onSuccess: (row) => row
  })
}

describe("Duplicate", () => {
  const rows: ReadonlyArray<readonly [claim: string, given: Case, row: Row | "malformed", accepted: boolean]> = [
    // Row 1
    ["a peer that says nothing of itself", {}, "old-peer-refused", false],
    ["a peer without incarnation", { lastConnection: "none 0" }, "old-peer-refused", false],
    ["a peer with an empty incarnation", { incarnation: "", lastConnection: `${ours} 5` }, "old-peer-refused", false],
    ["a peer without last connection", { incarnation: theirs }, "old-peer-refused", false],
    ["a restarted peer without last connection", { incarnation: restarted }, "old-peer-refused", false],
    ["an old peer, however old the link", { age: Duration.infinity }, "old-peer-refused", false],
    [
      "an old peer a millisecond too soon",
      { age: Duration.millis(59_999), handleOldPeers: minute },
      "old-peer-refused",
      false
    ],
    ["an old peer just in time", { age: minute, handleOldPeers: minute }, "old-peer-replaces", true],
    [
      "a peer without last connection, later",
      { incarnation: theirs, age: Duration.hours(1), handleOldPeers: minute },
      "old-peer-replaces",
      true
    ],
    ["an old peer at once, where that is set", { handleOldPeers: Duration.zero }, "old-peer-replaces", true],
    // Row 2
    ["a restarted peer", { incarnation: restarted, lastConnection: "none 0" }, "peer-restarted", true],
    [
      "a restarted peer that says nonsense",
      { incarnation: restarted, lastConnection: "nonsense" },
      "peer-restarted",
      true
    ],
    ["a restarted peer that says nothing", { incarnation: restarted, lastConnection: "" }, "peer-restarted", true],
    ["a restarted peer that knows us", { incarnation: restarted, lastConnection: `${ours} 4` }, "peer-restarted", true],
    [
      "a peer that sent no incarnation before",
      { incarnation: theirs, lastConnection: "none 0", remembered: undefined },
      "peer-restarted",
      true
    ],
    [
      "a peer that differs in case",
      { incarnation: "ABCD", remembered: "abcd", lastConnection: "none 0" },
      "peer-restarted",
      true
    ],
    // Row 3
    ["one of several attempts at once", { incarnation: theirs, lastConnection: "none 0" }, "never-heard-of-us", false],
    ["an attempt that says none 5", { incarnation: theirs, lastConnection: "none 5" }, "never-heard-of-us", false],
    // Row 4
    [
      "a peer that knew an earlier run of ours",
      { incarnation: theirs, lastConnection: `${past} 5` },
      "knows-our-past-life",
      true
    ],
    ["the same with a lower number", { incarnation: theirs, lastConnection: `${past} 1` }, "knows-our-past-life", true],
    [
      "a second attempt of a peer that knew an earlier run of ours",
      { incarnation: theirs, lastConnection: `${past} 5`, saidThen: `${past} 5` },
      "parallel-after-restart",
      false
    ],
    [
      "the same just before it counts as another try",
      {
        incarnation: theirs,
        lastConnection: `${past} 5`,
        saidThen: `${past} 5`,
        age: Duration.subtract(parallelLimit, Duration.nanos(1n))
      },
      "parallel-after-restart",
      false
    ],
    [
      "a peer that tries again because our Decision was lost after a restart of ours",
      { incarnation: theirs, lastConnection: `${past} 5`, saidThen: `${past} 5`, age: parallelLimit },
      "knows-our-past-life",
      true
    ],
    [
      "an attempt that knew another of our earlier connections",
      { incarnation: theirs, lastConnection: `${past} 5`, saidThen: `${past} 4` },
      "knows-our-past-life",
      true
    ],
    [
      "an attempt from before the link that we have dialled after a restart",
      { incarnation: theirs, lastConnection: `${past} 5`, saidThen: undefined },
      "parallel-after-restart",
      false
    ],
    [
      "a peer that lost our Decision on the link that we have dialled after a restart",
      { incarnation: theirs, lastConnection: `${past} 5`, saidThen: undefined, age: parallelLimit },
      "knows-our-past-life",
      true
    ],
    [
      "a restarted peer that says the same as another run of it",
      { incarnation: restarted, lastConnection: `${past} 5`, saidThen: `${past} 5` },
      "peer-restarted",
      true
    ],
    [
      "a peer that knows the link, said as before",
      { incarnation: theirs, lastConnection: `${ours} 5`, saidThen: `${ours} 5` },
      "knows-this-connection",
      true
    ],
    // Row 5
    [
      "a peer that knows the link and comes again",
      { incarnation: theirs, lastConnection: `${ours} 5` },
      "knows-this-connection",
      true
    ],
    [
      "the same in other words",
      { incarnation: theirs, lastConnection: ` ${ours}\t+05 more` },
      "knows-this-connection",
      true
    ],
    // Rows 6 and 7
    [
      "an attempt from before the link",
      { incarnation: theirs, lastConnection: `${ours} 4` },
      "knows-an-older-one",
      false
    ],
    ["an attempt from long before", { incarnation: theirs, lastConnection: `${ours} -1` }, "knows-an-older-one", false],
    ["a peer that knows the future", { incarnation: theirs, lastConnection: `${ours} 6` }, "knows-a-future-one", false],
    // Neither
    ["an empty last connection", { incarnation: theirs, lastConnection: "" }, "malformed", false],
    ["a last connection of one word", { incarnation: theirs, lastConnection: "none" }, "malformed", false],
    ["a last connection without a number", { incarnation: theirs, lastConnection: `${ours} x` }, "malformed", false],
    ["a last connection with a fraction", { incarnation: theirs, lastConnection: `${ours} 5.0` }, "malformed", false],
    ["a number that is the third word", { incarnation: theirs, lastConnection: `${ours} x 5` }, "malformed", false],
    ["nonsense of an earlier run", { incarnation: theirs, lastConnection: `${past} x` }, "malformed", false]
  ]

  for (const [claim, given, row, accepted] of rows) {
    it(`${accepted ? "lets" : "refuses"} ${claim}${accepted ? " replace the link" : ""}: ${row} (N22)`, () => {
      const found = rowFor(given)
      assert.strictEqual(found, row)
      assert.strictEqual(found !== "malformed" && accepts(found), accepted)
    })
  }

  it("follows the first row that applies, for every combination of what a peer can say (N22)", () => {
    // The table of N22 again, row by row and in other words.
    const verdictOf = (given: Required<Case>): "accepted" | "refused" => {
      const { age, handleOldPeers, incarnation, lastConnection, remembered, saidThen } = given
      if (!incarnation || lastConnection === undefined) {
        if (handleOldPeers === "refuse") return "refused"
        return Duration.toMillis(age) < Duration.toMillis(handleOldPeers) ? "refused" : "accepted"
      }
      if (incarnation !== remembered) return "accepted"
      const [master = "", number = ""] = lastConnection.split(" ").filter((word) => word !== "")
      if (master === "" || !["4", "5", "6"].includes(number)) return "refused"
      if (master === "none") return "refused"
      if (master !== ours) {
        const knowsMore = saidThen !== undefined && lastConnection !== saidThen
        return knowsMore || Duration.toMillis(age) >= 10_000 ? "accepted" : "refused"
      }
      return number === "5" ? "accepted" : "refused"
    }

    const firstWords = ["", "none", ours, past]
    const secondWords = ["", "4", "5", "6", "x"]
    const lastConnections = [
      undefined,
      ...firstWords.flatMap((first) => secondWords.map((second) => `${first} ${second}`))
    ]
    const ages = [0, 9_999, 10_000, 59_999, 60_000, 60_001].map(Duration.millis)
    let cases = 0
    for (const incarnation of [undefined, "", theirs, restarted]) {
      for (const remembered of [undefined, "", theirs]) {
        for (const lastConnection of lastConnections) {
          for (const age of ages) {
            for (const handleOldPeers of ["refuse", Duration.zero, minute] as const) {
              for (const saidThen of [undefined, `${past} 4`, lastConnection]) {
                const given = { incarnation, remembered, lastConnection, age, handleOldPeers, saidThen }
                const row = rowFor(given)
                const verdict = row !== "malformed" && accepts(row) ? "accepted" : "refused"
                assert.strictEqual(verdict, verdictOf(given), JSON.stringify(given))
                cases++
              }
            }
          }
        }
      }
    }
    assert.strictEqual(cases, 4 * 3 * 21 * 6 * 3 * 3)
  })

  it("accepts by exactly four of its rows", () => {
    const all: { readonly [R in Row]: boolean } = {
      "old-peer-refused": false,
      "old-peer-replaces": true,
      "peer-restarted": true,
      "never-heard-of-us": false,
      "parallel-after-restart": false,
      "knows-our-past-life": true,
      "knows-this-connection": true,
      "knows-an-older-one": false,
      "knows-a-future-one": false
    }
    for (const [row, accepted] of Object.entries(all)) assert.strictEqual(accepts(row as Row), accepted) // keys are rows
  })
})
