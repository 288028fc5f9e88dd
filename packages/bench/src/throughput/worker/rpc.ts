/** effect/rpc, over Tubs or over TLS, as the first argument says. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as NetAddress from "effect/net/NetAddress"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as SocketServer from "effect/socket/SocketServer"
import { answer } from "../../Answering.ts"
import type { Identity } from "../../connect/Identities.ts"
import type { Place } from "../../connect/Serving.ts"
import { processorMilliseconds } from "../../Stopwatch.ts"
import { Echo } from "../Calls.ts"
import * as Sockets from "../Sockets.ts"

const kind = process.argv[2] === "tub" ? "tub" : "tls"
const handlers = Echo.toLayer({ Echo: ({ text }) => Effect.succeed(text.toUpperCase()) })

let call: (text: string) => Promise<string> = () => Promise.reject(new Error("open comes first"))
let callAll: (text: string, count: number, concurrent: number) => Promise<void> = () =>
  Promise.reject(new Error("open comes first"))

await answer(`effect/rpc, Node ${process.versions.node}`, {
  listen: async ({ identity }: { readonly identity: Identity }): Promise<Place> => {
    const sockets = Sockets.server(kind, identity)
    const serving = RpcServer.layer(Echo).pipe(
      Layer.provide([handlers, RpcServer.layerProtocolSocketServer]),
      Layer.provideMerge(sockets),
      Layer.provide(RpcSerialization.layerNdjson)
    )
    const runtime = ManagedRuntime.make(serving)
    const { address } = await runtime.runPromise(SocketServer.SocketServer)
    const port = Number(NetAddress.formatSocketAddress(address).split(":").at(-1))
    return { port, server: identity.tubId }
  },
  open: async ({ identity, place }: { readonly identity: Identity; readonly place: Place }) => {
    const runtime = ManagedRuntime.make(
      RpcClient.layerProtocolSocket().pipe(
        Layer.provide([Sockets.client(kind, identity, place), RpcSerialization.layerNdjson])
      )
    )
    const client = await runtime.runPromise(RpcClient.make(Echo).pipe(Scope.provide(Scope.makeUnsafe())))
    call = (text) => runtime.runPromise(client.Echo({ text }))
    callAll = (text, count, concurrent) => {
      const loop = Effect.fnUntraced(function* (calls: number) {
        for (let at = 0; at < calls; at++) yield* client.Echo({ text })
      })
      const loops = Array.from({ length: concurrent }, () => loop(Math.ceil(count / concurrent)))
      return runtime.runPromise(Effect.all(loops, { concurrency: "unbounded", discard: true }))
    }
    return {}
  },
  one: async ({ text }: { readonly text: string }) => ({ text: await call(text) }),
  calls: async (asked: { readonly size: number; readonly count: number; readonly concurrent: number }) => {
    const start = performance.now()
    await callAll("x".repeat(asked.size), asked.count, asked.concurrent)
    return { ms: performance.now() - start }
  },
  processor: () => ({ ms: processorMilliseconds() })
})
process.exit()
