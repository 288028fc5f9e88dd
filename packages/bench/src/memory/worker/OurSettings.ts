/**
 * OurSettings: what packages/node/src/SecureContext.ts tells OpenSSL, for contenders that have no Effect in their memory.
 */
import { constants } from "node:crypto"
import type { SecureContextOptions } from "node:tls"

export const ourSettings: SecureContextOptions = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ecdhCurve: "X25519:P-256:P-384:P-521",
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  sessionIdContext: "foolscap"
}
