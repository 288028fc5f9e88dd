/**
 * What OpenSSL needs to know about one identity, made once and shared by all its connections.
 *
 * @since 0.1.0
 */
import type { Credentials } from "@effect-foolscap/negotiation/Transport"
import * as Context from "effect/Context"
import * as Redacted from "effect/Redacted"
import { constants } from "node:crypto"
import * as Tls from "node:tls"

/**
 * A TLS version that Foolscap peers can be met with. Older ones are never offered: no Foolscap on a present-day OpenSSL
 * completes them.
 *
 * @category models
 * @since 0.1.0
 */
export type TlsVersion = "TLSv1.2" | "TLSv1.3"

/**
 * The lowest and the highest version, both included.
 *
 * @category models
 * @since 0.1.0
 */
export interface TlsRange {
  readonly min: TlsVersion
  readonly max: TlsVersion
}

/**
 * The TLS versions that `startTls` offers and accepts: 1.2 and 1.3. Provide a narrower range to meet a peer on
 * one of them.
 *
 * @category references
 * @since 0.1.0
 */
export const TlsVersions = Context.Reference<TlsRange>("@effect-foolscap/node/TlsVersions", {
  defaultValue: () => ({ min: "TLSv1.2", max: "TLSv1.3" })
})

// The first group is the key share a client sends. Without this list Node adds a post-quantum share, which no
// Foolscap peer takes up and which makes a ClientHello of 1.5 KB. TLS 1.2 also takes a certificate's own curve from this list,
// and Foolscap peers may have any of these three.
const groups = "X25519:P-256:P-384:P-521"

// Building one costs about a quarter of a handshake. It lives as long as the identity it was made from.
const contexts = new WeakMap<Credentials, Map<string, Tls.SecureContext>>()

/**
 * The SecureContext of these credentials, built at the first call for the same object. Throws what OpenSSL says if it
 * cannot use them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const secureContextOf = (credentials: Credentials, versions: TlsRange): Tls.SecureContext => {
  const made = contexts.get(credentials) ?? new Map<string, Tls.SecureContext>()
  contexts.set(credentials, made)
  const key = `${versions.min} ${versions.max}`
  const cached = made.get(key)
  if (cached !== undefined) return cached
  const context = Tls.createSecureContext({
    cert: credentials.certificate,
    key: Redacted.value(credentials.privateKey),
    minVersion: versions.min,
    maxVersion: versions.max,
    ecdhCurve: groups,
    // Sessions are never resumed: a resumed client cannot see the server's certificate any more. And what a session has
    // proven holds until its end: no second handshake in it.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    // If a session were found after all, a server that asks for certificates would need this to go on.
    sessionIdContext: "foolscap"
  })
  made.set(key, context)
  return context
}
