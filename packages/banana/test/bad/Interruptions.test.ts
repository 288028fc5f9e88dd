import { assert, describe, it } from "@effect/vitest"
import { decoder, heard } from "../Stream.ts"
import { told } from "../Told.ts"
import { abort, close, error, fromHex, int, join, open, ping, pong, sequence, string, token } from "../Tokens.ts"
import { check, digits, root } from "./Cases.ts"

describe("ERROR (B18)", () => {
  check({
    "of 1000 bytes is the last that is told": [error("e".repeat(1000)), `PeerError ${"e".repeat(1000)}`],
    "of nothing, too": [error(""), "PeerError "],
    "of 1001 bytes ends the link as our own finding": [
      error("e".repeat(1001)),
      `Failed ${root}: oversized ERROR token`
    ],
    "of more than a number can say, too": [token(2n ** 64n, 0x8d), `Failed ${root}: oversized ERROR token`],
    "may come within a list": [join(open(0, "list"), error("no")), "PeerError no"],
    "may come in what is refused": [
      join(open(0, "bogus"), error("no")),
      `Violated ${root}: unknown top-level OPEN type ('bogus',)`,
      "PeerError no"
    ],
    "may come between an OPEN and its word": [join(token(0, 0x88), error("no")), "PeerError no"],
    "need not be UTF-8": [join(token(2, 0x8d), fromHex("41ff")), "PeerError A\ufffd"]
  })

  it("of 1001 bytes is found before its text comes", () => {
    assert.deepStrictEqual(heard(token(1001, 0x8d)), [`Failed ${root}: oversized ERROR token`])
  })
})

describe("PING and PONG (B21)", () => {
  check({
    "are told between objects": [join(ping(0), pong(3), Uint8Array.of(0x8e)), "Ping 0", "Pong 3", "Ping 0", "9"],
    "are told within a list, before it": [
      join(open(0, "list"), int(1), ping(3), int(2), pong(4), close(0)),
      "Ping 3",
      "Pong 4",
      "[1, 2]",
      "9"
    ],
    "are told between an OPEN and its word": [
      join(token(0, 0x88), ping(3), string("list"), close(0)),
      "Ping 3",
      "[]",
      "9"
    ],
    "are told within what is refused": [
      join(open(0, "bogus"), ping(3), close(0)),
      `Violated ${root}: unknown top-level OPEN type ('bogus',)`,
      "Ping 3",
      "9"
    ],
    "are told within None, which takes no other token": [sequence("none", ping(1)), "Ping 1", "None", "9"],
    "may have a number of 64 digits": [ping(2n ** 448n - 1n), `Ping ${2n ** 448n - 1n}`, "9"]
  })
})

describe("ABORT (B20)", () => {
  const aborted = (where: string) => `Violated ${where}: ABORT received`
  check({
    "between objects is told and costs nothing": [abort(0), aborted(root), "9"],
    "costs the object it is in": [join(open(0, "list"), int(1), abort(0), close(0)), aborted(`${root}.[1]`), "9"],
    "costs everything around it": [
      join(open(0, "list"), open(1, "dict"), int(1), abort(1), close(1), int(5), close(0)),
      aborted(`${root}.[0].{}[1]`),
      "9"
    ],
    "need not have the number": [join(open(0, "list"), abort(77), close(0)), aborted(`${root}.[0]`), "9"],
    "is one Violation, however often it comes": [
      join(open(0, "list"), open(1, "list"), abort(1), close(1), abort(0), close(0)),
      aborted(`${root}.[0].[0]`),
      "9"
    ],
    "ends a text": [join(open(0, "unicode"), abort(0), close(0)), aborted(`${root}.<unicode>`), "9"],
    "ends a reference": [
      join(open(0, "list"), open(1, "reference"), abort(1), close(1), close(0)),
      aborted(`${root}.[0].??`),
      "9"
    ],
    "between an OPEN and its word makes a Foolscap lose count: its CLOSE ends the link": [
      join(token(0, 0x88), abort(0), close(0)),
      aborted(root),
      `Failed ${root}: lost sync, got CLOSE(0) but expecting None`
    ]
  })
})

describe("Behind an end", () => {
  const ends = {
    "that the peer told": [error("no"), "PeerError no"],
    "that was found": [close(0), `Failed ${root}: lost sync, got CLOSE(0) but expecting None`]
  } as const
  for (const [name, [bytes, line]] of Object.entries(ends)) {
    it(`${name} nothing is told, in this chunk or another`, () => {
      const decoding = decoder()
      assert.deepStrictEqual(decoding.push(join(int(5), bytes, int(6), ping(1))).map(told), ["5", line])
      for (const more of [int(7), ping(1), error("x"), close(0), digits(100), abort(0)]) {
        assert.deepStrictEqual(decoding.push(more), [])
      }
    })
  }
})
