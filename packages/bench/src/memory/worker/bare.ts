/**
 * Bare node:tls as a contender: certificates both ways, one byte from the server, no protocol. With the argument `ours` it
 * takes our TLS settings, otherwise Node's.
 */
import type { Pem } from "../../ManyIdentities.ts"
import * as Tls from "node:tls"
import { ourSettings } from "./OurSettings.ts"
import { echo, ignore, linkOf, listen } from "./Plain.ts"
import { type Link, serve } from "./Serving.ts"

const settings = process.argv[3] === "ours" ? ourSettings : {}
const optionsOf = ({ certificate, key }: Pem) => ({ ...settings, cert: certificate, key })

let links = 0
const closed = () => {
  links--
}

await serve(`node:tls, Node ${process.versions.node}`, {
  server: {
    listen: (identity) =>
      listen(
        Tls.createServer({ ...optionsOf(identity), requestCert: true, rejectUnauthorized: false }, (socket) => {
          links++
          socket.on("error", ignore).on("close", closed).on("data", echo)
          socket.write("k")
        })
      ),
    links: () => links
  },
  client: {
    prepare: async (identity) => {
      const secureContext = Tls.createSecureContext(optionsOf(identity))
      return ({ port }) =>
        new Promise<Link>((resolve, reject) => {
          const socket = Tls.connect({ port, host: "127.0.0.1", secureContext, rejectUnauthorized: false })
          socket.once("error", reject)
          socket.once("data", () => {
            socket.off("error", reject).on("error", ignore)
            resolve(linkOf(socket))
          })
        })
    }
  }
})
