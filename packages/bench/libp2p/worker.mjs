/**
 * js-libp2p as a contender of the connection benchmark, over `noise` or `tls`, which the first argument says. A link is
 * `node.dial()`: TCP, the choice of the encryption, the encryption, the choice of the multiplexer; then aborted. A node joins dials
 * to the same peer, so every loop has a node of its own.
 */
import { noise } from "@chainsafe/libp2p-noise"
import { generateKeyPair } from "@libp2p/crypto/keys"
import { tcp } from "@libp2p/tcp"
import { tls } from "@libp2p/tls"
import { yamux } from "@libp2p/yamux"
import { multiaddr } from "@multiformats/multiaddr"
import { createLibp2p } from "libp2p"
import { serve } from "../src/connect/Serving.ts"

const encryption = process.argv[2]

const nodeWith = async (addresses) =>
  createLibp2p({
    privateKey: await generateKeyPair("Ed25519"),
    addresses: { listen: addresses },
    transports: [tcp()],
    connectionEncrypters: [encryption === "noise" ? noise() : tls()],
    streamMuxers: [yamux()],
    // Its limits are for the open network.
    connectionManager: {
      maxConnections: 100_000,
      inboundConnectionThreshold: 1e9,
      maxIncomingPendingConnections: 1e6,
      maxParallelDials: 1000,
      maxDialQueueLength: 1e6
    },
    connectionMonitor: { enabled: false }
  })

let latest

await serve({
  name: `js-libp2p 3.3.11 with ${encryption}, Node ${process.versions.node}`,
  listen: async () => {
    const node = await nodeWith(["/ip4/127.0.0.1/tcp/0"])
    node.addEventListener("connection:open", ({ detail }) => {
      latest = { peer: detail.remotePeer.toString() }
    })
    const [address] = node.getMultiaddrs()
    return { port: 0, server: address.toString() }
  },
  client: async (_, { server }) => {
    const node = await nodeWith([])
    const target = multiaddr(server)
    return async () => {
      const connection = await node.dial(target, { force: true })
      const seen = { peer: connection.remotePeer.toString() }
      connection.abort(new Error("done"))
      return seen
    }
  },
  seen: () => latest
})
