import { assert, describe, it } from "@effect/vitest"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as LocationHint from "../src/LocationHint.ts"
import golden from "./fixtures/furl.json" with { type: "json" }

const decode = Schema.decodeSync(LocationHint.FromString)
const encode = Schema.encodeSync(LocationHint.FromString)
const decodeResult = Schema.decodeUnknownResult(LocationHint.FromString)
const inputResult = Schema.decodeUnknownResult(LocationHint.FromInput)

/** Hints that Foolscap would try to connect to and we do not, with the reason. */
const differences = new Map([
  ["tcp:host:123456", "there is no such port; Foolscap passes it to the operating system"],
  ["host:123456", "there is no such port; Foolscap passes it to the operating system"]
])

const hosts = Schema.Literals([
  "localhost",
  "example.org",
  "a-b.c",
  "127.0.0.1",
  "::1",
  "fe80::1%eth0",
  "::ffff:1.2.3.4"
])
const ports = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65535 }))

// Texts that come close to hints more often than arbitrary ones do.
const nearHints = Schema.Array(
  Schema.Literals([
    "tcp",
    "tor",
    "TCP",
    ":",
    "[",
    "]",
    "::1",
    "%",
    ".",
    "-",
    "_",
    "host",
    "80",
    "65536",
    " ",
    "\n",
    "é"
  ])
)

describe("LocationHint", () => {
  it("reads host and port of a tcp hint as Foolscap does, for every golden (N3)", () => {
    for (const { hint: text, host, port, result } of golden.hints.filter(({ hint }) => hint !== "")) {
      const hint = decode(text)
      if (result !== "ok" || differences.has(text)) {
        assert.strictEqual(hint._tag, "OtherHint", text)
      } else if (hint._tag === "TcpHint") {
        assert.deepStrictEqual([hint.kind, hint.host, hint.port], ["tcp", host, port], text)
      } else {
        assert.fail(`${text} is a tcp hint`)
      }
    }
  })

  it("differs from Foolscap in the listed goldens and no others (N3)", () => {
    const found = golden.hints.filter(
      ({ hint, result }) => hint !== "" && (result === "ok") !== (decode(hint)._tag === "TcpHint")
    )
    assert.deepStrictEqual(
      found.map(({ hint }) => hint),
      [...differences.keys()]
    )
  })

  it("finds the kind of every other hint where Foolscap finds it", () => {
    for (const { hint: text, type } of golden.hints.filter(({ hint }) => hint !== "" && !differences.has(hint))) {
      assert.strictEqual(decode(text).kind, type ?? "", text)
    }
  })

  it("keeps every hint as it was written", () => {
    for (const { hint } of golden.hints.filter(({ hint }) => hint !== "")) {
      assert.strictEqual(encode(decode(hint)), hint)
      assert.strictEqual(LocationHint.format(decode(hint)), hint)
      assert.strictEqual(String(decode(hint)), hint)
    }
  })

  it("rejects only what cannot stand between two commas of a FURL", () => {
    for (const text of ["", "tcp:a:1,tcp:b:2", "unix:/path"]) {
      const result = decodeResult(text)
      assert.strictEqual(
        Result.isFailure(result) && result.failure.message,
        "a location hint is not empty and holds no comma and no slash"
      )
    }
  })

  it.prop("gives every text back, or a SchemaError", [Schema.String], ([text]) => {
    const result = decodeResult(text)
    if (Result.isSuccess(result)) assert.strictEqual(encode(result.success), text)
    else assert.isTrue(text === "" || /[,/]/.test(text))
  })

  it.prop("gives every text that resembles a hint back", [nearHints], ([parts]) => {
    if (parts.length > 0) assert.strictEqual(encode(decode(parts.join(""))), parts.join(""))
  })

  it.prop("survives a FURL", [LocationHint.LocationHint], ([hint]) => {
    assert.isTrue(Equal.equals(decode(encode(hint)), hint))
  })

  it.prop("made of host and port holds them", [hosts, ports], ([host, port]) => {
    const hint = LocationHint.tcp(host, port)
    assert.deepStrictEqual([hint.host, hint.port], [host, port])
    assert.isTrue(Equal.equals(decode(hint.text), hint))
    assert.isTrue(Result.isSuccess(inputResult(hint.text)))
  })

  it("made of an IPv6 address has brackets in its text, given or not", () => {
    assert.strictEqual(LocationHint.tcp("::1", 80).text, "tcp:[::1]:80")
    assert.strictEqual(LocationHint.tcp("[::1]", 80).text, "tcp:[::1]:80")
  })

  it("cannot be made of a port or a host that no hint could name", () => {
    for (const port of [-1, 65536, 1.5, Number.NaN, 1e21]) assert.throws(() => LocationHint.tcp("host", port))
    for (const host of ["", "a b", "a,b", "a/b", "[host]", "host:1"]) assert.throws(() => LocationHint.tcp(host, 80))
  })

  it("cannot be built with a text that belongs to the other case", () => {
    assert.throws(() => LocationHint.OtherHint.make({ text: "tcp:host:80" }))
    assert.throws(() => LocationHint.TcpHint.make({ text: "tor:abc.onion:80" }))
    assert.throws(() => LocationHint.TcpHint.make({ text: "tcp:host:65536" }))
  })
})

describe("LocationHint typed by a person", () => {
  it.each([
    ["tcp:host:65536", "port", "65536 is not a port; ports are numbers from 0 to 65535"],
    ["host:65536", "port", "65536 is not a port; ports are numbers from 0 to 65535"],
    ["tcp:host:http", "port", "http is not a port; ports are numbers from 0 to 65535"],
    ["tcp:host:-1", "port", "-1 is not a port; ports are numbers from 0 to 65535"],
    ["tcp:host:", "port", "the port is missing; write tcp:HOST:PORT"],
    ["tcp:host", "port", "the port is missing; write tcp:HOST:PORT"],
    ["tcp:[::1]", "port", "the port is missing; write tcp:HOST:PORT"],
    ["host", "port", "the port is missing; write tcp:HOST:PORT"],
    ["host:", "port", "the port is missing; write tcp:HOST:PORT"],
    ["tcp::80", "host", "the host is missing; write tcp:HOST:PORT"],
    [":80", "host", "the host is missing; write tcp:HOST:PORT"],
    ["tcp:4711", "host", "the host is missing; write tcp:HOST:PORT"],
    ["tcp:", "host", "the host is missing; write tcp:HOST:PORT"],
    ["tcp:::1:80", "host", "an IPv6 address stands in square brackets; write tcp:[::1]:PORT"],
    ["tcp:[::g]:80", "host", "[::g] is neither a host name nor an IP address"],
    ["tcp:[1:2]:80", "host", "[1:2] is neither a host name nor an IP address"],
    ["tcp:999.1.1.1:80", "host", "999.1.1.1 is neither a host name nor an IP address"],
    ["my_host:80", "host", "my_host is neither a host name nor an IP address"],
    ["tcp:127.0.0.1:80:extra", "host", "127.0.0.1:80 is neither a host name nor an IP address"],
    ["[::1]:80", "kind", "an IPv6 address needs its kind; write tcp:[::1]:80"],
    ["TCP:host:80", "kind", '"TCP" is not a kind of hint; kinds are lower case, such as tcp or tor']
  ])("%s is wrong in its %s", (text, part, message) => {
    const result = inputResult(text)
    assert.strictEqual(Result.isFailure(result) && result.failure.message, `${message}\n  at ["${part}"]`)
  })

  it.each(["tcp:a b:80", " tcp:host:80", "tcp:host:80\n", "tcp:hôst:80", "tor:a\u001b[2J:80"])(
    "%j holds something that is no printable ASCII",
    (text) => {
      const result = inputResult(text)
      assert.strictEqual(
        Result.isFailure(result) && result.failure.message,
        "a location hint holds printable ASCII characters and no spaces"
      )
    }
  )

  it.each(["tcp:host:80", "host:80", "127.0.0.1:80", "tcp:[fe80::1%eth0]:99", "tor:abc.onion:80", "i2p:abc.b32.i2p"])(
    "%s is kept as typed",
    (text) => {
      const result = inputResult(text)
      assert.strictEqual(Result.isSuccess(result) && result.success.text, text)
    }
  )

  it.prop("is a hint or a SchemaError, whatever was typed", [Schema.String, nearHints], ([text, parts]) => {
    for (const typed of [text, parts.join("")]) {
      const result = inputResult(typed)
      assert.isTrue(Result.isSuccess(result) ? result.success.text === typed : Schema.isSchemaError(result.failure))
    }
  })
})
