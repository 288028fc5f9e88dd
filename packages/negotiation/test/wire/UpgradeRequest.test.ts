import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Block from "../../src/wire/Block.ts"
import * as Upgrade from "../../src/wire/Upgrade.ts"
import { bytes, bytesOf, nearHttp, textOf } from "../Noise.ts"
import { high } from "../Sides.ts"

const id = high.tubId
const upgrade = "\r\nUpgrade: TLS/1.0"

/** What a request asks for, or why it is none. */
const verdict = (header: string | Uint8Array) =>
  Result.match(Upgrade.readRequest(typeof header === "string" ? bytesOf(header) : header), {
    onFailure: ({ _tag }) => _tag as string,
    onSuccess: (asked) => `asks for ${asked}`
  })

describe("Upgrade.request", () => {
  it("writes the four lines of a client (N7)", () => {
    assert.strictEqual(
      textOf(Upgrade.request(id, "2001:db8::7")),
      "GET /id/p34dey6aut5fvfk7jekonycc7apozbhf HTTP/1.1\r\n" +
        "Host: 2001:db8::7\r\n" +
        "Upgrade: TLS/1.0\r\n" +
        "Connection: Upgrade\r\n\r\n"
    )
  })

  it("writes what a server reads", () => {
    const split = Block.split(Upgrade.request(id, "192.0.2.7"))
    assert.strictEqual(split._tag === "Complete" ? verdict(split.header) : split._tag, `asks for ${id}`)
  })
})

describe("Upgrade.readRequest", () => {
  for (const [row, header, expected] of [
    ["3", "", "MalformedRequest"],
    ["3", `GET /id/${id}${upgrade}`, "MalformedRequest"],
    ["3", `GET /id/${id} HTTP${upgrade}`, "MalformedRequest"],
    ["3", `GET /id/${id} http/1.1${upgrade}`, "MalformedRequest"],
    ["3", `GET /id/${id} HTTP/1.1 x${upgrade}`, "MalformedRequest"],
    ["3", `\r\nGET /id/${id} HTTP/1.1${upgrade}`, "MalformedRequest"],
    ["3", "SSH-2.0-OpenSSH_9.2", "MalformedRequest"],
    ["3", "EHLO example.org", "MalformedRequest"],
    ["4", `POST /id/${id} HTTP/1.1${upgrade}`, "MethodNotAllowed"],
    ["4", `get /id/${id} HTTP/1.1${upgrade}`, "MethodNotAllowed"],
    ["4", "OPTIONS * HTTP/1.1", "MethodNotAllowed"],
    ["4", "\ufeffGE /id/x HTTP/1.1", "MalformedRequest"],
    ["5", "GET / HTTP/1.1", "NotATubPath"],
    ["5", `GET /ID/${id} HTTP/1.1${upgrade}`, "NotATubPath"],
    ["5", `GET http://host/id/${id} HTTP/1.1${upgrade}`, "NotATubPath"],
    ["5", "GET /id HTTP/1.1", "NotATubPath"],
    ["6", `GET /id/ HTTP/1.1\r\nUpgrade: PB/1.0`, "UnencryptedTub"],
    ["6", `GET /id/ HTTP/1.1`, "UnencryptedTub"],
    ["7", `GET /id/${id} HTTP/1.1`, "UpgradeMissing"],
    ["7", `GET /id/${id} HTTP/1.1\r\nUpgrade: PB/1.0`, "UpgradeMissing"],
    ["7", `GET /id/${id} HTTP/1.1\r\nUpgrade: TLS/1.0, x\r\nUpgrade: websocket`, "UpgradeMissing"],
    ["7", `GET /id/${id} HTTP/1.1\r\nX-Upgrade: TLS/1.0`, "UpgradeMissing"],
    ["7", `GET /id/${id} HTTP/1.1\r\nUpgrade : TLS/1.0`, "UpgradeMissing"],
    ["7", `GET /id/Upgrade: HTTP/1.1\r\nTLS/1.0`, "UpgradeMissing"],
    ["–", `GET /id/${id} HTTP/1.1${upgrade}`, `asks for ${id}`],
    ["–", `GET /id/${id} HTTP/1.0${upgrade}`, `asks for ${id}`],
    ["–", `GET  /id/${id}\tHTTP/1.1${upgrade}`, `asks for ${id}`],
    ["–", `GET /id/${id} HTTP/1.1\r\nUPGRADE:websocket ,tls/1.0 , x`, `asks for ${id}`],
    ["–", `GET /id/${id} HTTP/1.1\r\nUpgrade: x\r\nupgrade: Tls/1.0`, `asks for ${id}`],
    ["–", `GET /id/${id} HTTP/1.1\r\na line without a colon${upgrade}`, `asks for ${id}`],
    ["–", `GET /id/${id}/ HTTP/1.1${upgrade}`, `asks for ${id}/`],
    ["–", `GET /id/${id}?x=1 HTTP/1.1${upgrade}`, `asks for ${id}?x=1`],
    ["–", `GET /id/${id.toUpperCase()} HTTP/1.1${upgrade}`, `asks for ${id.toUpperCase()}`]
  ] as const) {
    it(`takes ${JSON.stringify(header)} for ${expected} (N8 row ${row})`, () => {
      assert.strictEqual(verdict(header), expected)
    })
  }

  it("refuses what is not UTF-8 (N8 row 3)", () => {
    assert.strictEqual(
      verdict(Buffer.from(`GET /id/${id} HTTP/1.1${upgrade}\r\nx: \xff`, "latin1")),
      "MalformedRequest"
    )
  })

  it.prop("gives an answer or a reason for any bytes", [bytes, nearHttp], ([any, near]) => {
    for (const header of [any, near, Buffer.concat([bytesOf("GET /id/x HTTP/1.1\r\n"), near])]) {
      assert.match(
        verdict(header),
        /^(?:asks for [^]+|MalformedRequest|MethodNotAllowed|NotATubPath|UnencryptedTub|UpgradeMissing)$/
      )
    }
  })
})

describe("Upgrade.notARequest", () => {
  const problem = (text: string) => Upgrade.notARequest(Buffer.from(text, "latin1"))?.problem

  it("tells a TLS client that skipped the GET at its first byte (N8 row 1)", () => {
    assert.strictEqual(problem("\u0016"), "it begins with a TLS handshake, and a Tub is asked for in clear first")
    assert.strictEqual(problem("x\u0016"), "it holds control characters")
  })

  it("tells every control character but CR, LF and TAB (N8 row 1)", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isControl = (byte < 0x20 && byte !== 0x0d && byte !== 0x0a && byte !== 0x09) || byte === 0x7f
      assert.strictEqual(
        problem(`x${String.fromCharCode(byte)}`) !== undefined,
        isControl || byte === 0x0a,
        String(byte)
      )
    }
  })

  it("tells an LF without a CR before it, and nothing else about line ends (N8 row 1)", () => {
    for (const text of ["\n", "GET / HTTP/1.1\n", "a\r\n\n", "a\n\r\n"]) {
      assert.strictEqual(problem(text), "a line ends without CR", JSON.stringify(text))
    }
    for (const text of ["", "\r", "\r\n", "\r\n\r\n", "a\rb", "\r\r\n", "a\r\nb\r\n"]) {
      assert.isUndefined(problem(text), JSON.stringify(text))
    }
  })

  it.prop("says at once what it would say later, and never takes it back", [nearHttp, bytes], ([near, any]) => {
    for (const whole of [near, any, Buffer.concat([bytesOf("GET /id/x HTTP/1.1\r\n"), near, any])]) {
      const final = Upgrade.notARequest(whole)
      let early: typeof final
      for (let length = 0; length <= whole.length; length++) {
        const verdict = Upgrade.notARequest(whole.subarray(0, length))
        if (early !== undefined) assert.deepStrictEqual(verdict, early)
        early = verdict
      }
      assert.deepStrictEqual(early, final)
    }
  })
})
