import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import type { NotFollowed } from "../src/NotFollowed.ts"
import {
  type Followed,
  follow,
  type Itinerary,
  maxLocations,
  maxRedirects,
  start,
  type Stop
} from "../src/Itinerary.ts"
import { hints } from "./Network.ts"

/** `a` and `b` are the hints of the FURL. */
const [begun, [a, b]] = start(hints("a:1", "b:1"))
assert.isDefined(a)
assert.isDefined(b)

const texts = (stops: ReadonlyArray<Stop>) => stops.map(({ hint }) => hint.text)

const nextOf = ({ followed }: { readonly followed: ReadonlyArray<Followed> }) => followed.flatMap(({ next }) => next)

/** What a dial takes and leaves of a redirect, in words. */
const outcome = ([, outcome]: ReturnType<typeof follow>) => [
  texts(nextOf(outcome)),
  outcome.omitted?._tag,
  outcome.omitted?.locations
]

/** The only place that a redirect to one place leads to. */
const hop = (itinerary: Itinerary, from: Stop, to: string): readonly [Itinerary, Stop] => {
  const [further, outcome] = follow(itinerary, from, hints(to))
  const [stop] = nextOf(outcome)
  assert.isDefined(stop)
  return [further, stop]
}

/** Servers in a row behind `from`, each of which sends us to the next of these places. */
const chain = (itinerary: Itinerary, from: Stop, ...places: ReadonlyArray<string>) =>
  places.reduce(([so, here], place) => hop(so, here, place), [itinerary, from] as const)

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at}:1`)

describe("Itinerary.start", () => {
  it("begins at every hint of the FURL, once", () => {
    const [, stops] = start(hints("a:1", "b:1", "a:1"))
    assert.deepStrictEqual(texts(stops), ["a:1", "b:1"])
    for (const { via } of stops) assert.deepStrictEqual(via, [])
  })

  it("begins once where a place is spelled in several ways, in the first of them", () => {
    const [, stops] = start(hints("h:1", "tcp:h:1", "tcp:H:1", "tcp:h:01", "tcp:[FE80::1]:1", "tcp:[fe80::1]:1"))
    assert.deepStrictEqual(texts(stops), ["h:1", "tcp:[FE80::1]:1"])
  })

  it("takes hints of other kinds for the same place only where they are the same text", () => {
    const spellings = ["tor:h:1", "tor:H:1", "tor:h:01", "::1:1", "tcp:[::1]:1", "tcp:h:1", "tcp:h:2"]
    assert.deepStrictEqual(texts(start(hints(...spellings))[1]), spellings)
  })

  it("limits only what strangers name, not the hints of the FURL", () => {
    const many = Array.from({ length: 3 * maxLocations }, (_, at) => `h${at}:1`)
    assert.strictEqual(start(hints(...many))[1].length, many.length)
  })
})

describe("Itinerary.follow", () => {
  it("goes on to where a server points, and knows the way", () => {
    const [, { followed, omitted }] = follow(begun, a, hints("c:1", "d:1", "c:1"))
    assert.deepStrictEqual(
      followed.map(({ by, next }) => [by.hint.text, texts(next), next.map(({ via }) => via)]),
      [["a:1", ["c:1", "d:1"], [["a:1"], ["a:1"]]]]
    )
    assert.isUndefined(omitted)
  })

  it("takes a place on this machine from nobody who is not on it", () => {
    const unix = "unix:%2Frun%2Ftub.sock"
    assert.deepStrictEqual(outcome(follow(begun, a, hints(unix))), [[], "AnotherNetwork", [unix]])
    const [, { followed, omitted }] = follow(begun, a, hints(unix, "c:1"))
    assert.deepStrictEqual(
      followed.map(({ next }) => texts(next)),
      [["c:1"]]
    )
    assert.isUndefined(omitted)
    const [from, [here]] = start(hints("unix:%2Frun%2Fother.sock"))
    assert.isDefined(here)
    assert.deepStrictEqual(texts(follow(from, here, hints(unix))[1].followed.flatMap(({ next }) => next)), [unix])
  })

  it("lets nobody send it out of a network such as Tor, but into it, and about in it", () => {
    const [from, [onion]] = start(hints("tor:a.onion:1"))
    assert.isDefined(onion)
    for (const text of ["tcp:clear:1", "i2p:a.i2p:1", "unix:%2Fa"]) {
      assert.deepStrictEqual(outcome(follow(from, onion, hints(text))), [[], "AnotherNetwork", [text]])
    }
    for (const [begin, stop] of [
      [from, onion],
      [begun, a]
    ] as const) {
      const [, { followed, omitted }] = follow(begin, stop, hints("tor:b.onion:1"))
      assert.deepStrictEqual(texts(followed.flatMap(({ next }) => next)), ["tor:b.onion:1"])
      assert.isUndefined(omitted)
    }
  })

  it("sees a server that points at itself", () => {
    assert.deepStrictEqual(outcome(follow(begun, a, hints("a:1"))), [[], "RedirectLoop", ["a:1"]])
  })

  it("sees a circle over several redirects", () => {
    const [once, c] = hop(begun, a, "c:1")
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

  it("knows a place again that is spelled in another way", () => {
    const [once, c] = hop(begun, a, "tcp:c:80")
    for (const again of ["tcp:A:1", "a:01", "C:80", "tcp:c:080"]) {
      assert.deepStrictEqual(outcome(follow(once, c, hints(again))), [[], "RedirectLoop", [again]])
    }
  })

  it("follows five redirects in a row, and says at the sixth that it is one too many", () => {
    const [far, fifth] = chain(begun, a, ...numbered("hop", 5))
    assert.deepStrictEqual(fifth.via, ["a:1", ...numbered("hop", 4)])
    assert.deepStrictEqual(outcome(follow(far, fifth, hints("hop6:1"))), [[], "TooManyRedirects", ["hop6:1"]])
    // A circle is what is wrong, however long it is.
    assert.strictEqual(outcome(follow(far, fifth, hints("a:1")))[1], "RedirectLoop")
  })

  it("takes twenty places from the redirects behind a hint, whoever names them, and names those that it leaves out", () => {
    const [once, first] = follow(begun, a, hints(...numbered("x", 15)))
    assert.isUndefined(first.omitted)
    const [x0, x1] = nextOf(first)
    assert.isDefined(x0)
    assert.isDefined(x1)
    const [twice, second] = follow(once, x0, hints(...numbered("y", 15)))
    assert.deepStrictEqual(texts(nextOf(second)), numbered("y", 5))
    assert.strictEqual(second.omitted?._tag, "TooManyLocations")
    assert.deepStrictEqual(second.omitted?.locations, numbered("y", 15).slice(5))
    assert.deepStrictEqual(outcome(follow(twice, x1, hints("z:1"))), [[], "TooManyLocations", ["z:1"]])
  })

  it("follows a hint of the FURL as far as ever when another has used up all of its places", () => {
    const [starved] = follow(begun, a, hints(...numbered("evil", 300)))
    const [once, there] = hop(starved, b, "there:1")
    assert.deepStrictEqual(there.via, ["b:1"])
    // A place of the other's walk is one of this walk too, and its redirects count in both.
    const [twice, second] = follow(once, there, hints("evil7:1", "on:1"))
    const [on, ...others] = nextOf(second)
    assert.isDefined(on)
    assert.deepStrictEqual(texts([on, ...others]), ["on:1"])
    const [, third] = follow(twice, on, hints(...numbered("more", 300)))
    assert.strictEqual(nextOf(third).length, maxLocations - 3)
  })

  it("counts the redirects to a place by the shortest way, also where a longer one came there first", () => {
    const [evil, last] = chain(begun, a, ...numbered("evil", 4), "last:1")
    assert.strictEqual(last.via.length, 5)
    // `b` has not answered yet: this is one redirect too many.
    const [waiting, tooFar] = follow(evil, last, hints("there:1"))
    assert.strictEqual(tooFar.omitted?._tag, "TooManyRedirects")
    const [, late] = follow(waiting, b, hints("last:1"))
    assert.deepStrictEqual(outcome([waiting, late]), [["there:1"], "AlreadyDialled", ["last:1"]])
    assert.deepStrictEqual(
      late.followed.map(({ by, next }) => [by.via, by.hint.text, next.map(({ via }) => via)]),
      [[["b:1"], "last:1", [["b:1", "last:1"]]]]
    )
    // And where it has.
    const [both] = follow(evil, b, hints("last:1"))
    const [, early] = follow(both, last, hints("there:1"))
    assert.deepStrictEqual(outcome([both, early]), [["there:1"], undefined, undefined])
  })

  it("says that there are too many places, and not too many redirects, where a way is short enough but full", () => {
    const [evil, last] = chain(begun, a, ...numbered("evil", 4), "last:1")
    const [full] = follow(evil, b, hints("last:1", ...numbered("more", 19)))
    assert.deepStrictEqual(outcome(follow(full, last, hints("there:1"))), [[], "TooManyLocations", ["there:1"]])
  })

  it("finds the shorter way within what is behind one hint, too", () => {
    const [once, outcome] = follow(begun, a, hints("evil0:1", "honest:1"))
    const [evil, honest] = nextOf(outcome)
    assert.isDefined(evil)
    assert.isDefined(honest)
    const [far, last] = chain(once, evil, ...numbered("more", 3), "last:1")
    const [waiting] = follow(far, last, hints("there:1"))
    assert.deepStrictEqual(texts(nextOf(follow(waiting, honest, hints("last:1"))[1])), ["there:1"])
  })

  const webs = (size: number, furl: number) => {
    const Name = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: size - 1 }))
    const Names = (most: number) => Schema.Array(Name).check(Schema.isMinLength(1), Schema.isMaxLength(most))
    return {
      furl: Names(furl),
      /** Where the server at each place points. */
      web: Schema.Array(Names(6)).check(Schema.isMinLength(size), Schema.isMaxLength(size)),
      /** Which of the servers that were dialled answers next. */
      order: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 })))
    }
  }
  interface Web {
    readonly furl: ReadonlyArray<number>
    readonly web: ReadonlyArray<ReadonlyArray<number>>
    readonly order: ReadonlyArray<number>
  }
  const hint = (name: number) => `h${name}:1`

  /** Dials in a web where every server redirects and none is the Tub, to its end. */
  const wander = ({ furl, order, web }: Web) => {
    let [itinerary, open] = start(hints(...furl.map(hint)))
    const given = open.length
    const dialled = [...open]
    const omissions: Array<NotFollowed> = []
    let answers = 0
    while (open.length > 0) {
      const turn = (order[answers++ % Math.max(order.length, 1)] ?? 0) % open.length
      const [here] = open.slice(turn, turn + 1)
      assert.isDefined(here)
      const points = web[Number(/\d+/.exec(here.hint.text)?.[0])] ?? []
      const [then, outcome] = follow(itinerary, here, hints(...points.map(hint)))
      const next = nextOf(outcome)
      if (next.length === 0) assert.isDefined(outcome.omitted)
      if (outcome.omitted !== undefined) omissions.push(outcome.omitted)
      dialled.push(...next)
      // Otherwise it might never end.
      assert.isAtMost(dialled.length, given + given * maxLocations)
      itinerary = then
      open = [...open.slice(0, turn), ...open.slice(turn + 1), ...next]
    }
    return { given, dialled, omissions, answers }
  }

  it.prop(
    "comes to an end in any web of redirects: no place twice, none too far, few from strangers, no silence about it",
    webs(60, 3),
    (web) => {
      const { answers, dialled, given, omissions } = wander(web)
      const places = new Set(texts(dialled))
      assert.strictEqual(places.size, dialled.length)
      assert.strictEqual(answers, dialled.length)
      for (const { via } of dialled) assert.isAtMost(via.length, maxRedirects)
      for (const root of texts(dialled.slice(0, given))) {
        assert.isAtMost(dialled.filter(({ via }) => via[0] === root).length, maxLocations)
      }
      const told = new Set(omissions.flatMap(({ locations }) => locations))
      for (const { hint: here } of dialled) {
        for (const name of web.web[Number(/\d+/.exec(here.text)?.[0])] ?? []) {
          assert.isTrue(places.has(hint(name)) || told.has(hint(name)))
        }
      }
      // Where nothing but redirects was met, somebody is told what is wrong with them.
      assert.isTrue(omissions.some(({ _tag }) => _tag !== "AlreadyDialled"))
    }
  )

  // With no more places than that, nothing is left out but what is too far away.
  it.prop(
    "dials every place that is at most five redirects from a hint of the FURL, in whatever order the servers answer",
    webs(maxLocations + 1, 3),
    (web) => {
      let near = new Set(web.furl)
      for (let hops = 0; hops < maxRedirects; hops++) {
        near = new Set([...near, ...[...near].flatMap((name) => web.web[name] ?? [])])
      }
      assert.sameMembers(texts(wander(web).dialled), [...near].map(hint))
    }
  )
})
