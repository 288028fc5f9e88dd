import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import type { SimulatedNetwork } from "../../src/testing/SimulatedNetwork.ts"
import { bytesOf, listenTo, meet, network } from "./Wires.ts"

/** A connection between `a` and `b` that both sides listen to. */
const conversation = Effect.fnUntraced(function* (net: SimulatedNetwork) {
  const { client, server } = yield* meet(net)
  const atClient = yield* listenTo(client)
  const atServer = yield* listenTo(server)
  /** Both sides say something that they have not said before, and a second goes by. */
  let said = 0
  const speak = Effect.gen(function* () {
    said++
    yield* Effect.exit(client.write(bytesOf(`c${said} `)))
    yield* Effect.exit(server.write(bytesOf(`s${said} `)))
    yield* TestClock.adjust("1 second")
  })
  return { client, server, atClient, atServer, speak }
})

describe("stall", () => {
  it.effect("holds back one direction until heal, and loses nothing", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { atClient, atServer, speak } = yield* conversation(net)
      yield* net.stall("a", "b")
      yield* speak
      yield* speak
      assert.strictEqual(atClient.text, "s1 s2 ")
      assert.strictEqual(atServer.text, "")
      yield* net.heal("a", "b")
      yield* speak
      assert.strictEqual(atServer.text, "c1 c2 c3 ")
      assert.isUndefined(atServer.end)
    })
  )

  it.effect("holds back the end of a side, too", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { atServer, client } = yield* conversation(net)
      yield* net.stall("a", "b")
      yield* client.destroy
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(atServer.end)
      yield* net.heal("b", "a")
      yield* TestClock.adjust("10 millis")
      assert.strictEqual(atServer.end, "eof")
    })
  )
})

describe("partition", () => {
  it.effect("silences both sides, without an end, and gives everything back when it heals", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { atClient, atServer, speak } = yield* conversation(net)
      yield* net.partition("a", "b")
      yield* speak
      assert.deepStrictEqual(
        [atClient, atServer],
        [
          { text: "", end: undefined },
          { text: "", end: undefined }
        ]
      )
      yield* net.heal("a", "b")
      yield* TestClock.adjust("10 millis")
      assert.deepStrictEqual([atClient.text, atServer.text], ["s1 ", "c1 "])
    })
  )

  it.effect("concerns no other hosts", () =>
    Effect.gen(function* () {
      const net = yield* network({ hosts: ["a", "b", "c"] })
      const { atServer, speak } = yield* conversation(net)
      yield* net.partition("a", "c")
      yield* net.partition("b", "c")
      yield* speak
      assert.strictEqual(atServer.text, "c1 ")
    })
  )
})

describe("lose", () => {
  it.effect("makes one direction of a connection silent for ever, and new connections work after heal", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { atClient, atServer, speak } = yield* conversation(net)
      yield* net.lose("a", "b")
      yield* speak
      yield* net.heal("a", "b")
      yield* speak
      assert.strictEqual(atClient.text, "s1 s2 ")
      assert.deepStrictEqual(atServer, { text: "", end: undefined })
      const another = yield* conversation(net)
      yield* another.speak
      assert.strictEqual(another.atServer.text, "c1 ")
    })
  )

  it.effect("does no harm to a connection that says nothing meanwhile", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { atServer, speak } = yield* conversation(net)
      yield* net.lose("a", "b")
      yield* TestClock.adjust("1 minute")
      yield* net.heal("a", "b")
      yield* speak
      assert.strictEqual(atServer.text, "c1 ")
    })
  )
})

describe("forget", () => {
  it.effect("leaves both sides with a connection that is dead without an end; new ones work", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { atClient, atServer, client, speak } = yield* conversation(net)
      yield* net.forget("a", "b")
      yield* speak
      yield* client.destroy
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual([atClient.text, atServer], ["", { text: "", end: undefined }])
      const another = yield* conversation(net)
      yield* another.speak
      assert.deepStrictEqual([another.atClient.text, another.atServer.text], ["s1 ", "c1 "])
    })
  )

  it.effect("happens by itself to a connection that is silent for too long, not to one that speaks now and then", () =>
    Effect.gen(function* () {
      const net = yield* network({ way: { latency: 10, forgetAfter: "5 minutes" } })
      const { atServer, speak } = yield* conversation(net)
      for (let minute = 0; minute < 3; minute++) {
        yield* TestClock.adjust("4 minutes")
        yield* speak
      }
      assert.strictEqual(atServer.text, "c1 c2 c3 ")
      yield* TestClock.adjust("6 minutes")
      yield* speak
      assert.deepStrictEqual(atServer, { text: "c1 c2 c3 ", end: undefined })
    })
  )
})

describe("reset", () => {
  it.effect("tells both sides, and only of connections between these hosts", () =>
    Effect.gen(function* () {
      const net = yield* network({ hosts: ["a", "b", "c"] })
      const { atClient, atServer, client } = yield* conversation(net)
      yield* net.reset("a", "c")
      yield* TestClock.adjust("1 second")
      assert.isUndefined(atClient.end)
      yield* net.reset("b", "a")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([atClient.end, atServer.end], ["reset", "reset"])
      assert.strictEqual((yield* Effect.flip(client.write(bytesOf("x")))).kind, "reset")
    })
  )
})

describe("halfClose", () => {
  it.effect("ends one direction behind what was said, and loses what is said later", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { atClient, atServer, client, speak } = yield* conversation(net)
      yield* client.write(bytesOf("before "))
      yield* net.halfClose("a", "b")
      yield* speak
      assert.deepStrictEqual(atServer, { text: "before ", end: "eof" })
      // A socket answers an end with its own.
      assert.deepStrictEqual(atClient, { text: "s1 ", end: "eof" })
    })
  )
})

describe("crash", () => {
  it.effect("takes a host's connections and ports, which a peer learns when it says something", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const port = yield* net.listen("b", 4711)
      const { atClient, client } = yield* conversation(net)
      yield* net.crash("b")
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(atClient.end)
      yield* client.write(bytesOf("still there?"))
      yield* TestClock.adjust("20 millis")
      assert.strictEqual(atClient.end, "reset")
      const connecting = yield* Effect.forkChild(Effect.flip(net.connect("a", port.address)))
      yield* TestClock.adjust("20 millis")
      assert.strictEqual((yield* Fiber.join(connecting)).code, "ECONNREFUSED")
    })
  )
})
