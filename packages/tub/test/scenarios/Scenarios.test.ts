import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"

/** The negotiation's scenarios in Foolscap 21.7: the methods of its `foolscap/test/test_negotiate.py`. */
const foolscap: Readonly<Record<string, ReadonlyArray<string>>> = {
  Basic: ["testOptions", "testAuthenticated"],
  Versus: [
    "testVersusHTTPServerAuthenticated",
    "testVersusHTTPClientAuthenticated",
    "testNoConnection",
    "testClientTimeout",
    "testServerTimeout"
  ],
  Parallel: ["test1", "test2", "test3", "test4", "test5"],
  ThreeInParallel: ["test1"],
  SharedConnections: ["test1"],
  CrossfireReverse: ["test1", "test2", "test3"],
  // It inherits the first three, with the roles exchanged.
  Crossfire: ["test1", "test2", "test3", "test5"],
  Existing: ["testAuthenticated"],
  Future: [
    "testFuture1",
    "testFuture2",
    "testFuture3",
    "testFuture4",
    "testTooFarInFuture1",
    "testTooFarInFuture2",
    "testTooFarInFuture3",
    "testTooFarInFuture4"
  ],
  Replacement: [
    "testBouncedClient",
    "testAncientClient",
    "testAncientClientWorkaround",
    "testLostDecisionMessage_NewServer",
    "testTwoLostDecisionMessages",
    "testWeirdSeqnum",
    "testNATEntryDropped",
    "testConnectionHintRace",
    "testBouncedClient_Reverse"
  ]
}

const here = new URL("./", import.meta.url)

/** What the comments `// Foolscap: Class.method, ...` in front of tests name. */
const cited = readdirSync(here)
  .filter((name) => name.endsWith(".test.ts"))
  .flatMap((name) => [...readFileSync(new URL(name, here), "utf8").matchAll(/^ *\/\/ Foolscap: (\w+\.\w+.*)$/gm)])
  .flatMap(([, scenarios = ""]) => scenarios.split(", "))

describe("The scenarios", () => {
  it("of Foolscap's own tests each have their answer here, and one only", () => {
    const scenarios = Object.entries(foolscap).flatMap(([name, methods]) =>
      methods.map((method) => `${name}.${method}`)
    )
    assert.deepStrictEqual(cited.toSorted(), scenarios.toSorted())
  })
})
