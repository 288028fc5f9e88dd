/**
 * Ours as a contender: Tubs as an application makes them. A link is read by a fiber that waits for bytes, and with the
 * argument `banana` it is a `BananaLink` that waits for values.
 */
import * as BananaLink from "@effect-foolscap/broker/BananaLink"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import { secureContextOf, TlsVersions } from "@effect-foolscap/node/SecureContext"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import type { Pem } from "../../ManyIdentities.ts"
import { type Link, serve } from "./Serving.ts"

const isBanana = process.argv[3] === "banana"

/** Sends back what comes. */
const echo = Effect.fnUntraced(function* (connection: NegotiatedConnection) {
  if (isBanana) {
    const link = yield* BananaLink.make(connection)
    while (true) {
      const arrival = yield* link.receive
      if (arrival._tag === "Delivered") yield* link.send(arrival.value)
    }
  }
  const pull = yield* Socket.readerBytes(connection.socket)
  let writer: Socket.Writer | undefined
  while (true) {
    const chunks = yield* pull
    writer ??= yield* connection.socket.writer
    yield* writer.writeAll(chunks)
  }
})

/** Reads what comes, and says so. */
const hold = Effect.fnUntraced(function* (connection: NegotiatedConnection, heard: () => void) {
  if (isBanana) {
    const link = yield* BananaLink.make(connection)
    return { hear: forever(link.receive, heard), say: Effect.orDie(link.send(1)) }
  }
  const pull = yield* Socket.readerBytes(connection.socket)
  const scope = yield* Effect.scope
  const say = Effect.flatMap(connection.socket.writer, ({ write }) => Effect.orDie(write(Uint8Array.of(1))))
  return { hear: forever(pull, heard), say: Scope.provide(say, scope) }
})

const forever = (receive: Effect.Effect<unknown, unknown>, heard: () => void): Effect.Effect<void> =>
  Effect.ignore(Effect.forever(Effect.map(receive, heard)))

const identityOf = ({ certificate, key }: Pem) => Effect.runPromise(Certificate.fromPem(certificate + key))

let links = 0
const counted = Effect.acquireRelease(
  Effect.sync(() => {
    links++
  }),
  () =>
    Effect.sync(() => {
      links--
    })
)

await serve(`ours, Node ${process.versions.node}`, {
  server: {
    listen: async (identity) => {
      const runtime = ManagedRuntime.make(NodeTub.layer(await identityOf(identity)))
      const listening = Effect.gen(function* () {
        const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
        yield* Effect.forkScoped(
          Listener.serve(endpoint, {
            connected: (connection) => Effect.andThen(counted, echo(connection)).pipe(Effect.scoped, Effect.ignore),
            failed: ({ message }) => Effect.sync(() => console.error(message))
          })
        )
        return endpoint.address.port
      })
      return runtime.runPromise(Scope.provide(listening, Scope.makeUnsafe()))
    },
    links: () => links
  },
  client: {
    prepare: async (pem) => {
      const identity = await identityOf(pem)
      const runtime = ManagedRuntime.make(NodeTub.layer(identity))
      const { dial } = await runtime.runPromise(Connector)
      // A Tub that has ever dialled has one.
      secureContextOf(identity, await runtime.runPromise(TlsVersions))
      return async ({ port, tubId }): Promise<Link> => {
        const target = { tubId: TubId.make(tubId), hints: [LocationHint.tcp("127.0.0.1", port)] }
        let heard = () => {}
        let isOpen = true
        const scope = Scope.makeUnsafe()
        const linking = Effect.gen(function* () {
          const { connection } = yield* dial(target)
          return yield* hold(connection, () => heard())
        })
        const { hear, say } = await runtime.runPromise(Scope.provide(linking, scope))
        runtime.runFork(
          Effect.onExit(hear, () =>
            Effect.sync(() => {
              isOpen = false
            })
          )
        )
        return {
          isOpen: () => isOpen,
          ask: async () => {
            const answered = new Promise<void>((resolve) => {
              heard = resolve
            })
            await runtime.runPromise(say)
            await answered
          },
          close: () => runtime.runPromise(Scope.close(scope, Exit.void))
        }
      }
    }
  }
})
