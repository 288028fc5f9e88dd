import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Block from "../../src/wire/Block.ts"
import * as Upgrade from "../../src/wire/Upgrade.ts"
import { bytes, bytesOf, nearHttp, textOf } from "../Noise.ts"

const verdictOn = (header: Uint8Array): string =>
  Result.match(Upgrade.readAnswer(header), {
    onFailure: (reason) =>
      reason._tag === "PeerRefused" ? `PeerRefused: ${reason.text}` : `${reason._tag}: ${reason.answer}`,
    onSuccess: (answer) => (answer._tag === "Redirected" ? `Redirected: ${answer.location}` : answer._tag)
  })
const verdict = (header: string) => verdictOn(Buffer.from(header, "latin1"))

const tls = "\r\nUpgrade: TLS/1.0"
const yes = `HTTP/1.1 101 Switching Protocols${tls}`

describe("Upgrade.switching", () => {
  it("is the 101 of a server, and a client reads it as a yes (N8, N9)", () => {
    assert.strictEqual(
      textOf(Upgrade.switching),
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, PB/1.0\r\nConnection: Upgrade\r\n\r\n"
    )
    const split = Block.split(Upgrade.switching)
    assert.strictEqual(split._tag === "Complete" ? verdictOn(split.header) : split._tag, "Switching")
  })
})

describe("Upgrade.redirect", () => {
  it("is exactly four lines, and a client reads its Location (N11)", () => {
    const written = Upgrade.redirect("pb://x@tcp:192.0.2.7:4711/")
    assert.strictEqual(
      textOf(written),
      "HTTP/1.1 303 See Other\r\n" +
        "Location: pb://x@tcp:192.0.2.7:4711/\r\n" +
        "Content-Length: 0\r\n" +
        "Connection: close\r\n\r\n"
    )
    const split = Block.split(written)
    assert.strictEqual(
      split._tag === "Complete" ? verdictOn(split.header) : split._tag,
      "Redirected: pb://x@tcp:192.0.2.7:4711/"
    )
  })
})

describe("A Location", () => {
  const hints = (count: number) => Array.from({ length: count }, (_, i) => `tcp:192.0.2.${i}:4711`).join(",")

  it("is never cut, for a hint that is cut is another place (N11)", () => {
    for (const count of [1, 20, 100, 180]) {
      const location = `pb://x@${hints(count)}/`
      const split = Block.split(Upgrade.redirect(location))
      assert.strictEqual(
        split._tag === "Complete" ? verdictOn(split.header) : split._tag,
        `Redirected: ${location}`,
        `${location.length} characters`
      )
    }
  })
})

describe("Upgrade.readAnswer", () => {
  const long = `pb://${"x".repeat(32)}@${Array.from({ length: 180 }, (_, i) => `tcp:192.0.2.${i}:4711`).join(",")}/`
  for (const [header, expected] of [
    [yes, "Switching"],
    [`HTTP/1.0 101 OK\r\nupgrade: PB/1.0,tls/1.0`, "Switching"],
    [`x 101${tls}`, "Switching"],
    [`HTTP/1.1 101 Switching Protocols`, "TlsNotOffered: HTTP/1.1 101 Switching Protocols"],
    [`${yes}\r\nUpgrade: websocket`, "TlsNotOffered: HTTP/1.1 101 Switching Protocols"],
    ["HTTP/1.1 303 See Other\r\nLocation: tcp:a:1", "Redirected: tcp:a:1"],
    ["HTTP/1.1 303 See Other\r\nlocation:tcp:a:1 ", "Redirected: tcp:a:1"],
    ["HTTP/1.1 303 See Other\r\nLocation: a\r\nLocation: b", "Redirected: b"],
    ["HTTP/1.1 303 See Other", "Redirected: "],
    [`HTTP/1.1 303 See Other\r\nLocation: ${long}`, `Redirected: ${long}`],
    ["HTTP/1.1 301 Moved Permanently\r\nLocation: tcp:a:1", "NotATub: HTTP/1.1 301 Moved Permanently"],
    ["HTTP/1.1 302 Found\r\nLocation: tcp:a:1", "NotATub: HTTP/1.1 302 Found"],
    ["HTTP/1.1 307 Temporary Redirect\r\nLocation: tcp:a:1", "NotATub: HTTP/1.1 307 Temporary Redirect"],
    ["HTTP/1.1 308 Permanent Redirect\r\nLocation: tcp:a:1", "NotATub: HTTP/1.1 308 Permanent Redirect"],
    ["HTTP/1.1 500 Internal Server Error: unknown TubID x", "PeerRefused: unknown TubID x"],
    ["HTTP/1.1 404 Not Found: unknown TubID x", "PeerRefused: unknown TubID x"],
    ["HTTP/1.1 431 Request Header Fields Too Large: a: b", "PeerRefused: a: b"],
    ["HTTP/1.0 599 X: y", "PeerRefused: y"],
    ["HTTP/1.1 404 Not Found", "NotATub: HTTP/1.1 404 Not Found"],
    ["HTTP/1.1 500 Internal Server Error:", "NotATub: HTTP/1.1 500 Internal Server Error:"],
    ["HTTP/1.1 200 OK: fine", "NotATub: HTTP/1.1 200 OK: fine"],
    ["HTTP/1.1 600 X: y", "NotATub: HTTP/1.1 600 X: y"],
    ["HTTP/1.1 200 OK", "NotATub: HTTP/1.1 200 OK"],
    ["HTTP/1.1", "NotATub: HTTP/1.1"],
    ["", "NotATub: "],
    ["\r\nHTTP/1.1 101 Switching Protocols", "NotATub: "],
    ["SSH-2.0-OpenSSH_9.2", "NotATub: SSH-2.0-OpenSSH_9.2"],
    ["220 mail.example.org ESMTP", "NotATub: 220 mail.example.org ESMTP"],
    ["220 303 is not HTTP", "NotATub: 220 303 is not HTTP"],
    ["HTTP/1.1 404 No\u0001\u00e9: x", "NotATub: HTTP/1.1 404 No??: x"]
  ] as const) {
    it(`takes ${JSON.stringify(header.slice(0, 70))} for ${expected.slice(0, 70)} (N9)`, () => {
      assert.strictEqual(verdict(header), expected)
    })
  }

  it("quotes a refusal of 500 characters whole, the most that a Tub says (N9, N23)", () => {
    const text = "x".repeat(500)
    assert.strictEqual(verdict(`HTTP/1.1 404 Not Found: ${text}`), `PeerRefused: ${text}`)
  })

  it("quotes one printable line of moderate length, whatever the server said", () => {
    const quoted = verdict(`HTTP/1.1 200 \u0007\u0000\n${"x".repeat(4000)}`)
    assert.match(quoted, /^NotATub: [ -~]{0,600}$/)
  })

  it.prop("gives an answer or a reason for any bytes", [bytes, nearHttp], ([any, near]) => {
    for (const header of [any, near, Buffer.concat([bytesOf("HTTP/1.1 "), near])]) {
      assert.match(verdictOn(header), /^(?:Switching|(?:Redirected|NotATub|PeerRefused|TlsNotOffered): [ -~]*)$/)
    }
  })
})

describe("Upgrade.notAnAnswer", () => {
  const early = (text: string) => Upgrade.notAnAnswer(Buffer.from(text, "latin1"))?.answer

  for (const [text, expected] of [
    ["SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2"],
    ["220 mail.example.org\n", "220 mail.example.org"],
    ["* OK\u0000", "* OK"],
    ["HTTP/1.1 200\u0000", "HTTP/1.1 200"],
    ["\u0015\u0003\u0001", ""],
    ["x 1010\r\n", "x 1010"]
  ] as const) {
    it(`finds out ${JSON.stringify(text)} without waiting for an empty line (N9)`, () => {
      assert.strictEqual(early(text), expected)
      assert.isUndefined(early(text.slice(0, expected.length)), "the line had not ended")
    })
  }

  for (const text of [
    "",
    "SSH-2.0",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/\r\n",
    "x 101\r\n",
    "x  101 y\r\nz",
    "HTTP/1.1 404 a\r"
  ]) {
    it(`waits for more after ${JSON.stringify(text)}: a Tub may still follow (N9)`, () => {
      assert.isUndefined(early(text))
    })
  }

  /** What becomes of an answer that arrives in two pieces, cut at `at`, as the PLAINTEXT phase asks about it. */
  const arriving = (whole: Uint8Array, at: number): string => {
    for (const buffer of [whole.subarray(0, at), whole]) {
      const split = Block.split(buffer)
      const beginning = split._tag === "Complete" ? split.header : buffer.subarray(0, Block.limit)
      const refused = Upgrade.notAnAnswer(beginning)
      if (refused !== undefined) return `NotATub: ${refused.answer}`
      if (split._tag === "Complete") return verdictOn(split.header)
    }
    return "incomplete"
  }
  const assertIndependentOfCuts = (whole: Uint8Array) => {
    const final = arriving(whole, whole.length)
    for (let at = 0; at < whole.length; at++) {
      const verdict = arriving(whole, at)
      // The words that are quoted may differ where the end of the line was still to come; the verdict may not.
      assert.strictEqual(verdict.split(":")[0], final.split(":")[0], `${JSON.stringify(textOf(whole))} cut at ${at}`)
    }
  }

  it("never contradicts the verdict on the whole, for one line that is not HTTP", () => {
    for (const line of ["SSH 303 x", "x 101", "x 404 y: z", "220 mail", "HTTP/1.1 303 x", "", "HTTP/1.1 101 x"]) {
      assertIndependentOfCuts(bytesOf(`${line}\r\n\r\n`))
    }
  })

  it.prop("never contradicts the verdict on the whole", [nearHttp, bytes], ([near, any]) => {
    assertIndependentOfCuts(Buffer.concat([near, bytesOf("\r\n\r\n")]))
    assertIndependentOfCuts(Buffer.concat([bytesOf("HTTP/1.1 "), any, near, bytesOf("\r\n\r\n")]))
  })
})
