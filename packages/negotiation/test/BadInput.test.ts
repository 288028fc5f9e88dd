import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { LocalTub } from "../src/LocalTub.ts"
import type { Side } from "../src/policy/Master.ts"
import { clientHello, converse, decision, get, hello, other, switching, underTls } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"
import { converseToTheEnd } from "./Stalls.ts"

const everywhere: ReadonlyArray<readonly [Side, LocalTub]> = [
  ["client", low],
  ["client", high],
  ["server", low],
  ["server", high]
]

/** What anybody may send to anybody, and who cannot make sense of it where. */
const inputs: Readonly<Record<string, string>> = {
  nothing: "",
  "one CR": "\r",
  "half a line": "GET /id/p34dey6aut5",
  "half a Hello": "banana-negotiation-range: 3 3\r\nmy-tub-id: p34d",
  "4096 bytes without an end": "x".repeat(4096),
  "4097 bytes without an end": "x".repeat(4097),
  "4097 bytes of lines": "a: b\r\n".repeat(683),
  "10000 bytes of CR": "\r".repeat(10_000),
  "zero bytes": "\u0000".repeat(10),
  "bytes that are not UTF-8": "\u00ff\u00fe\r\n\r\n",
  "a TLS ClientHello": "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
  "lines that end with LF alone": "GET / HTTP/1.0\n\n",
  "an empty line": "\r\n",
  "two empty lines": "\r\n\r\n",
  "an SSH greeting": "SSH-2.0-OpenSSH_9.2\r\n",
  "a mail greeting": "220 mail.example.org ESMTP\r\nEHLO\r\n\r\n",
  "a web page": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
  "a GET of a browser": "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
  "a GET for a Tub": get(high.tubId).replace("TLS/1.0", "x"),
  "the 101": switching,
  "a Hello": clientHello(low),
  "a Hello twice": clientHello(low) + clientHello(low),
  "a Decision": decision(),
  "an ERROR token": "\u0020\u008dNo banana-decision-version value",
  "a Banana list": "\u0001\u0088\u0001\u0081\u0001\u0089",
  "a block of strange keys": "__proto__: x\r\nconstructor: y\r\ntoString: z\r\n\r\n",
  "a block of empty values": "banana-negotiation-range:\r\nmy-tub-id:\r\nlast-connection:\r\n\r\n",
  "numbers out of this world": "banana-negotiation-range: 99999999999999999999 -1\r\n\r\n"
}

/** Ends of which a peer learns, or which only time can tell. */
const failures = /^(?:Plaintext|Encrypted|Deciding) (?!TransportFailed)[A-Za-z]+$/

describe("Bad input", () => {
  for (const [on, self] of everywhere) {
    const peer = other(self)
    const us = `a ${on} (${self === high ? "Master" : "NonMaster"})`
    const good = underTls(on, self, peer.credentials, hello(peer) + (self === low ? decision() : ""))

    for (const [name, input] of Object.entries(inputs)) {
      it.effect(`of ${name} before TLS ends ${us} in PLAINTEXT with a reason, and the next is served`, () =>
        Effect.gen(function* () {
          const service = yield* side(self)
          // Our own 101, said to our client, is a good beginning; the peer then never starts TLS.
          const { heard, outcome } = yield* converseToTheEnd(service, on, { clear: input })
          assert.match(outcome, failures)
          assert.match(outcome, /^Plaintext /)
          assert.strictEqual(heard.secret, "")
          if (on === "client") assert.strictEqual(heard.clear, get(peer.tubId), "a client tells a stranger nothing")
          else assert.match(heard.clear, /^HTTP\/1\.1 (?:400|404|405|408|426|431) [ -~]+\r\n[^]*\n$/)
          assert.match((yield* converse(service, on, good)).outcome, /^connected/)
        })
      )
    }

    for (const [name, input] of Object.entries(inputs)) {
      const isHello = name.startsWith("a Hello") && peer === low
      it.effect(`of ${name} under TLS ends ${us} ${isHello ? "well" : "with a reason"}, and the next is served`, () =>
        Effect.gen(function* () {
          const service = yield* side(self)
          const script = underTls(on, self, peer.credentials, input)
          const { heard, outcome } = yield* converseToTheEnd(service, on, script)
          const ourHello = on === "client" ? clientHello(self) : hello(self)
          if (isHello) {
            assert.strictEqual(outcome, "connected as Master")
          } else {
            assert.match(outcome, failures)
            assert.match(outcome, /^Encrypted /)
            assert.match(
              heard.secret.slice(ourHello.length),
              /^banana-decision-version: 1\r\nerror: [ -~]{1,500}\r\n\r\n$/,
              "an error block, and only one (N23, N24)"
            )
          }
          assert.strictEqual(heard.secret.slice(0, ourHello.length), ourHello)
          assert.match((yield* converse(service, on, good)).outcome, /^connected/)
        })
      )
    }

    if (self === low) {
      for (const [name, input] of Object.entries(inputs)) {
        it.effect(`of ${name} in place of a Decision ends ${us} with a reason, and the next is served`, () =>
          Effect.gen(function* () {
            const service = yield* side(self)
            const script = underTls(on, self, peer.credentials, hello(peer) + input)
            const { heard, outcome } = yield* converseToTheEnd(service, on, script)
            const ourHello = on === "client" ? clientHello(self) : hello(self)
            if (name === "a Decision") {
              assert.strictEqual(outcome, "connected as NonMaster")
              assert.strictEqual(heard.secret, ourHello)
            } else {
              assert.match(outcome, /^Deciding (?:DeadlineExceeded|HeaderTooLong|MalformedBlock|NoDecisionVersion)$/)
              assert.match(
                heard.secret.slice(ourHello.length),
                /^[^]{1,2}\u008d[ -~]{1,500}$/,
                "an ERROR token, and only one (N23, N24)"
              )
            }
            assert.match((yield* converse(service, on, good)).outcome, /^connected/)
          })
        )
      }
    }
  }
})
