/** The bytes of RFC 1928 and RFC 1929, in both directions. */
import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Socks5Wire from "../src/Socks5Wire.ts"
import { bytes } from "./Socks5Proxy.ts"

const assertBytes = (actual: Uint8Array, hex: string) => {
  assert.strictEqual(Buffer.from(actual).toString("hex"), hex.replace(/ /g, ""))
}

/** What is wrong with an answer. */
const complaint = (result: Result.Result<unknown, { readonly message: string }>) =>
  Result.isFailure(result) ? result.failure.message : "nothing"

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const Group = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))

describe("What a client writes", () => {
  it("offers one method, so that a proxy cannot choose another", () => {
    assertBytes(Socks5Wire.greeting("none"), "05 01 00")
    assertBytes(Socks5Wire.greeting("password"), "05 01 02")
  })

  it("counts the bytes of username and password, not the characters", () => {
    const auth = { username: "jürgen", password: Redacted.make("pw") }
    assertBytes(Socks5Wire.password(auth), "01 07 6ac3bc7267656e 02 7077")
  })

  for (const [username, password, said] of [
    ["", "x", "the username for a SOCKS5 proxy has 1 to 255 bytes, and this one has 0"],
    ["x", "", "the password for a SOCKS5 proxy has 1 to 255 bytes, and this one has 0"],
    ["ü".repeat(128), "x", "the username for a SOCKS5 proxy has 1 to 255 bytes, and this one has 256"],
    ["x", "geheim".repeat(43), "the password for a SOCKS5 proxy has 1 to 255 bytes, and this one has 258"]
  ] as const) {
    it(`has no bytes for what the protocol has no room for: ${said}`, () => {
      assert.throws(() => Socks5Wire.password({ username, password: Redacted.make(password) }), said)
    })
  }

  for (const [host, port, hex] of [
    ["192.0.2.7", 80, "05 01 00 01 c0000207 0050"],
    ["example.onion", 4711, "05 01 00 03 0d 6578616d706c652e6f6e696f6e 1267"],
    ["localhost", 65_535, "05 01 00 03 09 6c6f63616c686f7374 ffff"],
    ["2001:db8::1", 1, "05 01 00 04 20010db8000000000000000000000001 0001"],
    ["::", 0, "05 01 00 04 00000000000000000000000000000000 0000"],
    ["::ffff:1.2.3.4", 1, "05 01 00 04 00000000000000000000ffff01020304 0001"],
    ["1::", 1, "05 01 00 04 00010000000000000000000000000000 0001"],
    // A dotted quad with another digit is a name, of which the proxy may make what it likes.
    ["127.0.0.01", 1, "05 01 00 03 0a 3132372e302e302e3031 0001"]
  ] as const) {
    it(`asks for ${host} port ${port}`, () => {
      assertBytes(Socks5Wire.request({ host, port }), hex)
    })
  }

  it.prop(
    "gives every group of an IPv6 address its place",
    [Schema.Tuple([Group, Group, Group, Group, Group, Group, Group, Group])],
    ([groups]) => {
      const host = groups.map((group) => group.toString(16)).join(":")
      const hex = groups.map((group) => group.toString(16).padStart(4, "0")).join("")
      assertBytes(Socks5Wire.request({ host, port: 1 }), `05010004${hex}0001`)
    }
  )
})

describe("What a proxy answers", () => {
  it("is a choice of the method that was offered", () => {
    assert.isTrue(Result.isSuccess(Socks5Wire.readChoice(bytes("05 00"), "none")))
    assert.isTrue(Result.isSuccess(Socks5Wire.readChoice(bytes("05 02"), "password")))
  })

  for (const [hex, offered, said] of [
    ["05 ff", "none", "wants to know who we are: give a username and a password"],
    ["05 ff", "password", "takes no username and password"],
    ["05 02", "none", "does not keep to SOCKS5: it chose method 0x02, which was not offered"],
    ["05 00", "password", "does not keep to SOCKS5: it chose method 0x00, which was not offered"],
    ["48 54", "none", "is no SOCKS5 proxy but an HTTP server, perhaps an HTTP proxy: its answer begins with 0x4854"],
    ["00 5b", "none", "is no SOCKS5 proxy but perhaps one for SOCKS4: its answer begins with 0x005b"],
    ["53 53", "none", "is no SOCKS5 proxy but another kind of server: its answer begins with 0x5353"]
  ] as const) {
    it(`${hex} to whoever offers ${offered}: ${said}`, () => {
      assert.strictEqual(complaint(Socks5Wire.readChoice(bytes(hex), offered)), said)
    })
  }

  it("is a verdict on the password", () => {
    assert.isTrue(Result.isSuccess(Socks5Wire.readVerdict(bytes("01 00"))))
    assert.strictEqual(complaint(Socks5Wire.readVerdict(bytes("01 01"))), "does not accept our username and password")
    assert.strictEqual(complaint(Socks5Wire.readVerdict(bytes("01 ff"))), "does not accept our username and password")
    assert.strictEqual(
      complaint(Socks5Wire.readVerdict(bytes("05 00"))),
      "does not keep to SOCKS5: it answered our password in version 0x05"
    )
  })

  for (const [code, said] of [
    ["01", "failed, and does not say why (general failure)"],
    ["02", "does not allow this connection (forbidden by its rules)"],
    ["03", "could not reach the host: network unreachable"],
    ["04", "could not reach the host: host unreachable, or no such name"],
    ["05", "could not reach the host: connection refused"],
    ["06", "could not reach the host: it took too long (TTL expired)"],
    ["07", "does not open connections (command not supported)"],
    ["08", "does not take this kind of address (address type not supported)"],
    ["09", "could not reach the host, for an unknown reason: reply 0x9"],
    ["f0", "could not find the onion service: its descriptor is not there"],
    ["f6", "could not reach the onion service: its address is invalid"],
    ["ff", "could not reach the host, for an unknown reason: reply 0xff"]
  ] as const) {
    it(`is reply ${code}: ${said}`, () => {
      assert.strictEqual(complaint(Socks5Wire.readReply(bytes(`05 ${code}`))), said)
    })
  }

  it("is a reply in the version of the conversation", () => {
    assert.isTrue(Result.isSuccess(Socks5Wire.readReply(bytes("05 00"))))
    assert.strictEqual(
      complaint(Socks5Wire.readReply(bytes("04 00"))),
      "does not keep to SOCKS5: it replied in version 0x04"
    )
  })

  it("says how long its address is", () => {
    // Behind the first byte of the address, and with the port.
    assert.deepStrictEqual(Socks5Wire.readReplyLength(bytes("00 01 7f")), Result.succeed(5))
    assert.deepStrictEqual(Socks5Wire.readReplyLength(bytes("00 04 20")), Result.succeed(17))
    assert.deepStrictEqual(Socks5Wire.readReplyLength(bytes("00 03 00")), Result.succeed(2))
    assert.deepStrictEqual(Socks5Wire.readReplyLength(bytes("00 03 ff")), Result.succeed(257))
    assert.strictEqual(
      complaint(Socks5Wire.readReplyLength(bytes("00 02 00"))),
      "does not keep to SOCKS5: it replied with an address of unknown type 0x02"
    )
  })

  it.prop("is a value or a reason, whatever its bytes are", [Schema.Array(Byte)], ([noise]) => {
    const answer = Uint8Array.from(noise)
    for (const said of [
      complaint(Socks5Wire.readChoice(answer, "none")),
      complaint(Socks5Wire.readVerdict(answer)),
      complaint(Socks5Wire.readReply(answer)),
      complaint(Socks5Wire.readReplyLength(answer))
    ]) {
      assert.isAbove(said.length, 0)
    }
  })
})
