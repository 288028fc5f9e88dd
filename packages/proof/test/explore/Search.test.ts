import { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Event from "../../src/explore/Event.ts"
import { Search } from "../../src/explore/Search.ts"
import type { Setup } from "../../src/explore/Setup.ts"
import { plain, slice } from "../../src/explore/Setups.ts"
import { follow, shorten } from "../../src/explore/Shorten.ts"
import { Visited } from "../../src/explore/Visited.ts"
import { nothingKnown, World } from "../../src/explore/World.ts"
import { everyState, small } from "./Everything.ts"

const explored = (setup: Setup, table?: Layer.Layer<ConnectionTable>) => {
  const visited = new Visited(14)
  const memories = nothingKnown(setup, table)
  const search = new Search(new World(setup, memories), visited)
  const violation = search.run()
  return { violation, states: visited.size, ...search.counts }
}

describe("In every order of events", () => {
  for (const setup of slice) {
    it(`two Tubs keep the rules, and a link can always come about: ${setup.name}`, () => {
      const { asked, violation } = explored(setup)
      assert.isUndefined(violation, violation && `${violation.problem}: ${violation.path.map(Event.format).join(" ")}`)
      assert.isAbove(asked, 0)
    })
  }
})

describe("The search", () => {
  for (const setup of small) {
    it(`leaves out orders and what it remembers, and no state: ${setup.name}`, () => {
      assert.strictEqual(explored(setup).states, everyState(setup, () => undefined).size)
    })
  }

  it("goes the same way twice", () => {
    assert.deepStrictEqual(explored(plain), explored(plain))
  })
})

/** Registers every connection in a table of its own, so that there are no duplicates. */
const forgetful = Layer.effect(
  ConnectionTable,
  Effect.map(ConnectionTable, (table) => ({
    ...table,
    claim: (pair, options) =>
      Effect.flatMap(Layer.build(Layer.fresh(ConnectionTable.layerMemory)), (fresh) =>
        Context.get(fresh, ConnectionTable).claim(pair, options)
      )
  }))
).pipe(Layer.provide(ConnectionTable.layerMemory))

/** Takes every attempt for one of a process that was restarted, so that no duplicate is refused. */
const credulous = Layer.effect(
  ConnectionTable,
  Effect.map(ConnectionTable, (table) => {
    let processes = 0
    return {
      ...table,
      claim: (pair, options) =>
        table.claim(pair, { ...options, offer: { incarnation: `${++processes}`, lastConnection: "none 0" } })
    } satisfies ConnectionTable["Service"]
  })
).pipe(Layer.provide(ConnectionTable.layerMemory))

describe("What breaks a rule", () => {
  it("is found: a Master that forgets the links it has", () => {
    const { violation } = explored(plain, forgetful)
    assert.include(violation?.problem, "the Master gave number 1 after 1")
  })

  it("is found: a Master that refuses no duplicate", () => {
    const { violation } = explored(plain, credulous)
    assert.match(violation?.problem ?? "", /replaced link 1|there is no one link/)
    const shortest = violation && shorten(() => new World(plain, nothingKnown(plain, credulous)), violation)
    assert.isBelow(shortest?.path.length ?? 0, violation?.path.length ?? 0)
    assert.strictEqual(
      follow(() => new World(plain, nothingKnown(plain, credulous)), shortest ?? { path: [], when: "now" })?.problem,
      shortest?.problem
    )
  })

  it("is found nowhere along a way that keeps the rules, and what cannot happen is passed over", () => {
    const path = Event.parsePath("low.dials a0>client a0>server high.restarts a0>client")
    assert.isUndefined(follow(() => new World(plain), { path, when: "later" }))
  })
})
