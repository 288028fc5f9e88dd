/** TlsOptions: what `SecureContext` sets, for those who take no context that is there already, such as `tls.createServer`. */
import { constants } from "node:crypto"
import type { Identity } from "../connect/Identities.ts"

export const optionsOf = ({ pem }: Identity) => ({
  host: "127.0.0.1",
  key: pem,
  cert: pem,
  ecdhCurve: "X25519:P-256:P-384:P-521",
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  sessionIdContext: "foolscap",
  requestCert: true,
  rejectUnauthorized: false,
  noDelay: true
})
