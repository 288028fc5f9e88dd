import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { follow, type Itinerary, maxLocations, maxRedirects, start, type Stop } from "../src/Itinerary.ts"
import { hints } from "./Network.ts"

/** `a` and `b` are the hints of the FURL. */
const [begun, [a, b]] = start(hints("a:1", "b:1"))
assert.isDefined(a)
assert.isDefined(b)

const texts = (stops: ReadonlyArray<Stop>) => stops.map(({ hint }) => hint.text)

/** What a dial takes and leaves of a redirect, in words. */
const outcome = ([, { next, omitted }]: ReturnType<typeof follow>) => [texts(next), omitted?._tag, omitted?.locations]

describe("Itinerary.start", () => {
  it("begins at every hint of the FURL, once", () => {
    const [, stops] = start(hints("a:1", "b:1", "a:1"))
    assert.deepStrictEqual(texts(stops), ["a:1", "b:1"])
    for (const { via } of stops) assert.deepStrictEqual(via, [])
  })

  it("limits only what strangers name, not the hints of the FURL", () => {
    const many = Array.from({ length: 3 * maxLocations }, (_, at) => `h${at}:1`)
    assert.strictEqual(start(hints(...many))[1].length, many.length)
  })
})

describe("Itinerary.follow", () => {
  it("goes on to where a server points, and knows the way", () => {
    const [, { next, omitted }] = follow(begun, a, hints("c:1", "d:1", "c:1"))
    assert.deepStrictEqual(texts(next), ["c:1", "d:1"])
    for (const { via } of next) assert.deepStrictEqual(via, ["a:1"])
    assert.isUndefined(omitted)
  })

  it("sees a server that points at itself", () => {
    assert.deepStrictEqual(outcome(follow(begun, a, hints("a:1"))), [[], "RedirectLoop", ["a:1"]])
  })

  it("sees a circle over several redirects", () => {
    const [once, { next }] = follow(begun, a, hints("c:1"))
    const [c] = next
    assert.isDefined(c)
    assert.deepStrictEqual(outcome(follow(once, c, hints("a:1"))), [[], "RedirectLoop", ["a:1"]])
  })

  it("sees a circle between two hints of the FURL, when it closes", () => {
    const first = follow(begun, a, hints("b:1"))
    assert.deepStrictEqual(outcome(first), [[], "AlreadyDialled", ["b:1"]])
    assert.deepStrictEqual(outcome(follow(first[0], b, hints("a:1"))), [[], "RedirectLoop", ["a:1"]])
  })

  it("takes two redirects to the same place for no circle", () => {
    const [once] = follow(begun, a, hints("c:1"))
    assert.deepStrictEqual(outcome(follow(once, b, hints("c:1"))), [[], "AlreadyDialled", ["c:1"]])
  })

  it("passes over the places that are known where one is new", () => {
    assert.deepStrictEqual(outcome(follow(begun, a, hints("a:1", "b:1", "c:1"))), [["c:1"], undefined, undefined])
  })

  it("follows five redirects in a row, and says at the sixth that it is one too many", () => {
    let itinerary: Itinerary = begun
    let here = a
    for (let hop = 1; hop <= 5; hop++) {
      const [then, { next }] = follow(itinerary, here, hints(`hop${hop}:1`))
      const [there] = next
      assert.isDefined(there)
      assert.strictEqual(there.via.length, hop)
      itinerary = then
      here = there
    }
    assert.deepStrictEqual(outcome(follow(itinerary, here, hints("hop6:1"))), [[], "TooManyRedirects", ["hop6:1"]])
    // A circle is what is wrong, however long it is.
    assert.strictEqual(outcome(follow(itinerary, here, hints("a:1")))[1], "RedirectLoop")
  })

  it("takes twenty places from redirects, whoever names them, and names those that it leaves out", () => {
    const names = Array.from({ length: 15 }, (_, at) => at)
    const [once, { omitted }] = follow(begun, a, hints(...names.map((at) => `x${at}:1`)))
    assert.isUndefined(omitted)
    const [twice, { next, omitted: tooMany }] = follow(once, b, hints(...names.map((at) => `y${at}:1`)))
    assert.deepStrictEqual(texts(next), ["y0:1", "y1:1", "y2:1", "y3:1", "y4:1"])
    assert.strictEqual(tooMany?._tag, "TooManyLocations")
    assert.deepStrictEqual(
      tooMany?.locations,
      names.slice(5).map((at) => `y${at}:1`)
    )
    const [fifth] = next
    assert.isDefined(fifth)
    assert.deepStrictEqual(outcome(follow(twice, fifth, hints("z:1"))), [[], "TooManyLocations", ["z:1"]])
  })

  const size = 40
  const Name = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: size - 1 }))
  const Hints = Schema.Array(Name).check(Schema.isMinLength(1), Schema.isMaxLength(6))
  /** Where the server at each place points. */
  const Web = Schema.Array(Hints).check(Schema.isMinLength(size), Schema.isMaxLength(size))
  /** Which of the servers that were dialled answers next. */
  const Order = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 })))

  it.prop(
    "comes to an end in any web of redirects: no place twice, none too far, few from strangers, no silence about it",
    { furl: Hints, web: Web, order: Order },
    ({ furl, order, web }) => {
      const hint = (name: number) => `h${name}:1`
      let [itinerary, open] = start(hints(...furl.map(hint)))
      const given = open.length
      const dialled = texts(open)
      const omissions = new Set<string>()
      let answers = 0
      while (open.length > 0) {
        // Every server in this web redirects, none is the Tub.
        const turn = (order[answers++ % Math.max(order.length, 1)] ?? 0) % open.length
        const [here] = open.slice(turn, turn + 1)
        assert.isDefined(here)
        const points = web[Number(/\d+/.exec(here.hint.text)?.[0])] ?? []
        const [then, { next, omitted }] = follow(itinerary, here, hints(...points.map(hint)))
        if (next.length === 0) assert.isDefined(omitted)
        if (omitted !== undefined) omissions.add(omitted._tag)
        for (const { via } of next) assert.isAtMost(via.length, maxRedirects)
        dialled.push(...texts(next))
        assert.isAtMost(dialled.length, given + maxLocations)
        itinerary = then
        open = [...open.slice(0, turn), ...open.slice(turn + 1), ...next]
      }
      assert.strictEqual(new Set(dialled).size, dialled.length)
      assert.strictEqual(answers, dialled.length)
      // Where nothing but redirects was met, somebody is told what is wrong with them.
      assert.isTrue(["RedirectLoop", "TooManyRedirects", "TooManyLocations"].some((tag) => omissions.has(tag)))
    }
  )
})
