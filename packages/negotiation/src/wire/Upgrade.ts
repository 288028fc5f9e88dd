/**
 * The HTTP of the PLAINTEXT phase: the client's GET, and the server's 101 or 303.
 *
 * It is HTTP so that a stray browser gets an answer, a client that hits a web server gets a 404, and any web server can
 * redirect. Refusals are written by `wire/Refusal`.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Result from "effect/Result"
import {
  MalformedRequest,
  MethodNotAllowed,
  NotATub,
  NotATubPath,
  PeerRefused,
  TlsNotOffered,
  UnencryptedTub,
  UpgradeMissing
} from "../NegotiationError.ts"
import * as Block from "./Block.ts"

const encoder = new TextEncoder()
const latin1 = new TextDecoder("latin1")

/**
 * The client's GET (N7). `host` is the host of the location hint, without port and brackets.
 *
 * @category encoding
 * @since 0.1.0
 */
export const request = (tubId: TubId, host: string): Uint8Array =>
  encoder.encode(
    `GET /id/${tubId} HTTP/1.1\r\nHost: ${printable(host)}\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n`
  )

/**
 * The server's yes (N8). The next byte is TLS.
 *
 * @category encoding
 * @since 0.1.0
 */
export const switching: Uint8Array = encoder.encode(
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, PB/1.0\r\nConnection: Upgrade\r\n\r\n"
)

/**
 * The server's answer for a Tub that lives elsewhere (N11).
 *
 * @category encoding
 * @since 0.1.0
 */
export const redirect = (location: string): Uint8Array =>
  encoder.encode(
    `HTTP/1.1 303 See Other\r\nLocation: ${printable(location)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
  )

// A hint may hold anything but a comma and a slash, and what a server answers anything at all.
const printable = (text: string): string => text.replace(/[^ -~]/g, "?")

/** The value of an HTTP header, of the last one if it stands there more than once. */
const headerOf = (lines: ReadonlyArray<string>, name: string): string | undefined =>
  lines
    .slice(1)
    .findLast((line) => line.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim()

const offersTls = (lines: ReadonlyArray<string>): boolean =>
  (headerOf(lines, "upgrade") ?? "").split(",").some((protocol) => protocol.trim().toUpperCase() === "TLS/1.0")

/**
 * Reads a client's request and gives what it asks for, which need not be a TubId (N8).
 *
 * @category decoding
 * @since 0.1.0
 */
export const readRequest = (
  header: Uint8Array
): Result.Result<string, MalformedRequest | MethodNotAllowed | NotATubPath | UnencryptedTub | UpgradeMissing> => {
  const text = Block.text(header)
  if (text === undefined) return Result.fail(new MalformedRequest({ problem: "it is not UTF-8" }))
  const lines = text.split("\r\n")
  const [method, path, version, ...more] = (lines[0] ?? "").split(/\s+/)
  if (method === undefined || path === undefined || !version?.startsWith("HTTP/") || more.length > 0) {
    return Result.fail(new MalformedRequest({ problem: "its first line is not METHOD PATH HTTP/1.1" }))
  }
  if (method !== "GET") return Result.fail(new MethodNotAllowed({ method }))
  if (!path.startsWith("/id/")) return Result.fail(new NotATubPath({ path }))
  const asked = path.slice("/id/".length)
  if (asked === "") return Result.fail(new UnencryptedTub())
  return offersTls(lines) ? Result.succeed(asked) : Result.fail(new UpgradeMissing())
}

/**
 * Whether the beginning of what a client sent can still become a request, so that another protocol is told at once and
 * not when the deadline passes (N8). The first `seen` bytes have been looked at before.
 *
 * @category decoding
 * @since 0.1.0
 */
export const notARequest = (beginning: Uint8Array, seen = 0): MalformedRequest | undefined => {
  for (let at = seen; at < beginning.length; at++) {
    const byte = beginning[at]
    if (byte === LF && beginning[at - 1] !== CR) return new MalformedRequest({ problem: "a line ends without CR" })
    if (isControl(byte)) {
      const problem =
        byte === TLS_HANDSHAKE && at === 0
          ? "it begins with a TLS handshake, and a Tub is asked for in clear first"
          : "it holds control characters"
      return new MalformedRequest({ problem })
    }
  }
  return undefined
}

const CR = 13
const LF = 10
const TLS_HANDSHAKE = 22
const isControl = (byte: number | undefined): boolean =>
  byte === 127 || (byte !== undefined && byte < 32 && byte !== 9 && byte !== CR && byte !== LF)

const holdsControl = (line: string): boolean => {
  for (let at = 0; at < line.length; at++) if (isControl(line.charCodeAt(at))) return true
  return false
}

/**
 * A server's answer that lets the negotiation go on, here or elsewhere.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer = { readonly _tag: "Switching" } | { readonly _tag: "Redirected"; readonly location: string }

// "500 Internal Server Error: unknown TubID x" is how a Tub says no; web servers end their phrase without a colon.
const refusal = /^HTTP\/1\.[01] [45]\d\d [A-Za-z ]+: (.+)$/

/** Whether an answer may begin with this line. Foolscap looks at the second word alone, so we take `x 101` too. */
const isPossible = (line: string): boolean => line.startsWith("HTTP/") || /^\S+ +101(?: |$)/.test(line)

/**
 * Reads a server's answer to our GET (N9).
 *
 * @category decoding
 * @since 0.1.0
 */
export const readAnswer = (header: Uint8Array): Result.Result<Answer, NotATub | PeerRefused | TlsNotOffered> => {
  const text = latin1.decode(header)
  const [line = ""] = text.split(/\r?\n/, 1)
  const answer = printable(line)
  if (!isPossible(answer) || holdsControl(line)) return Result.fail(new NotATub({ answer }))
  const lines = text.split("\r\n")
  switch (answer.split(/ +/)[1]) {
    case "101":
      return offersTls(lines) ? Result.succeed({ _tag: "Switching" }) : Result.fail(new TlsNotOffered({ answer }))
    case "303":
      return Result.succeed({ _tag: "Redirected", location: printable(headerOf(lines, "location") ?? "") })
    default: {
      const said = refusal.exec(answer)?.[1]
      return Result.fail(said === undefined ? new NotATub({ answer }) : new PeerRefused({ text: said }))
    }
  }
}

/**
 * Whether the beginning of what a server sent can still become an answer, so that an SSH or mail server is recognised
 * by its first line (N9).
 *
 * @category decoding
 * @since 0.1.0
 */
export const notAnAnswer = (beginning: Uint8Array): NotATub | undefined => {
  const end = beginning.findIndex((byte) => byte === LF || isControl(byte))
  if (end === -1) return undefined
  const answer = printable(latin1.decode(beginning.subarray(0, end)).replace(/\r$/, ""))
  return beginning[end] === LF && isPossible(answer) ? undefined : new NotATub({ answer })
}
