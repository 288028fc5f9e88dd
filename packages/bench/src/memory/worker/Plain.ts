/** Plain: what the contenders of plain Node do alike with a TLS socket, once there is a link. */
import { once } from "node:events"
import type * as Net from "node:net"
import type * as Tls from "node:tls"
import type { Link } from "./Serving.ts"

/** Anything; to Banana it is a PING, which a Tub answers. */
const question = Uint8Array.of(0, 0x8e)

/** A server's side: one listener for all of them, so that a link costs no closure. */
export function echo(this: Tls.TLSSocket, bytes: Uint8Array): void {
  this.write(bytes)
}

/** What happens to a connection is seen in how many there are. */
export const ignore = (): void => {}

/** A client's side. */
export const linkOf = (socket: Tls.TLSSocket): Link => {
  socket.resume()
  return {
    isOpen: () => socket.readable && socket.writable,
    ask: async () => {
      socket.write(question)
      await once(socket, "data")
      socket.resume()
    },
    close: async () => {
      socket.destroy()
      if (!socket.closed) await once(socket, "close")
    }
  }
}

export const listen = async (server: Net.Server): Promise<number> => {
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 })
  await once(server, "listening")
  const bound = server.address()
  if (bound === null || typeof bound === "string") throw new Error("not a TCP port")
  return bound.port
}
