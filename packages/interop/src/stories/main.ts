/**
 * An application that does what it is told, and says what it sees: `main.ts IDENTITY`.
 *
 * It reads a `Command` of `Program.ts` from each line, and writes an `Event` as each line. SIGTERM ends it, or being told.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import type { HintStatus } from "@effect-foolscap/tub/HintStatus"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import { createInterface } from "node:readline"
import * as Application from "./Application.ts"
import { Command, type Event } from "./Program.ts"

const say = (event: Event) => Console.log(JSON.stringify(event))

const turn = Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))

// Node lists what was closed until a turn of its event loop is over, and this one may have begun.
const sayResources = turn.pipe(
  Effect.andThen(turn),
  Effect.andThen(Effect.suspend(() => say({ event: "resources", resources: process.getActiveResourcesInfo() })))
)

const commands = Effect.gen(function* () {
  const lines = yield* Queue.unbounded<string>()
  yield* Effect.acquireRelease(
    Effect.sync(() => createInterface({ input: process.stdin }).on("line", (line) => Queue.offerUnsafe(lines, line))),
    (reading) =>
      Effect.sync(() => {
        reading.close()
        process.stdin.destroy()
      })
  )
  return Effect.flatMap(Queue.take(lines), Schema.decodeEffect(Schema.fromJsonString(Command)))
})

const described = ({ incarnations, seqnum, side }: NegotiatedConnection) => ({ side, seqnum, incarnations })

// A link has one reader, and may be held more than once.
const read = new WeakSet<Socket.Socket>()

const hear = (peer: TubId, socket: Socket.Socket) =>
  Effect.gen(function* () {
    if (read.has(socket)) return
    read.add(socket)
    const pull = yield* Socket.readerString(socket)
    yield* Effect.forever(Effect.flatMap(pull, (texts) => say({ event: "heard", peer, text: texts.join("") })))
  }).pipe(Effect.scoped, Effect.ignore)

const listener = (tub: Tub["Service"]) =>
  Listener.layer(
    Effect.tap(NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }), ({ address }) =>
      say({ event: "ready", tubId: tub.tubId, port: address.port })
    ),
    {
      connected: (connection) => {
        const { peer, socket } = connection
        if (peer === undefined) return Effect.void
        return Effect.andThen(say({ event: "arrived", peer, ...described(connection) }), hear(peer, socket))
      },
      failed: () => Effect.void
    }
  )

const everything = (identity: string) =>
  Layer.unwrap(Effect.map(Tub, listener)).pipe(Layer.provideMerge(NodeTub.layerFile(identity)))

const obey = Effect.fnUntraced(function* (next: Effect.Success<typeof commands>) {
  const lifetime = yield* Effect.scope
  const held = new Map<Scope.Closeable, Socket.Writer>()

  const connect = Effect.fnUntraced(function* (target: Application.Target) {
    let dialled = false
    const watch = (hints: ReadonlyArray<HintStatus>) =>
      Effect.forEach(
        hints,
        (status) => {
          if (status._tag !== "Negotiating") return Effect.void
          dialled = true
          return say({ event: "negotiating", hint: status.hint })
        },
        { discard: true }
      )
    const scope = yield* Scope.fork(lifetime)
    const link = yield* Scope.provide(Application.connect(target, { watch }), scope)
    // Not in `scope`: whoever closes its writer says goodbye for all who hold the link.
    held.set(scope, yield* Scope.provide(link.socket.writer, lifetime))
    yield* say({ event: "linked", peer: link.peer, ...described(link), dialled })
    yield* Effect.forkIn(hear(link.peer, link.socket), lifetime)
    const end = yield* link.ended
    held.delete(scope)
    yield* say({ event: "ended", peer: link.peer, end: end._tag })
  })

  const one = Effect.fnUntraced(function* (command: Command) {
    switch (command.do) {
      case "connect":
        return yield* connect(command).pipe(
          Effect.catch(({ message }) => say({ event: "failed", message })),
          Effect.forkIn(lifetime)
        )
      case "say":
        return yield* Effect.forEach(held.values(), ({ write }) => write(command.text), { discard: true })
      case "release": {
        const scopes = [...held.keys()]
        held.clear()
        return yield* Effect.forEach(scopes, (scope) => Scope.close(scope, Exit.void), { discard: true })
      }
      case "list":
        return yield* sayResources
      case "end":
        return
    }
  })
  yield* Effect.repeat(Effect.tap(next, one), { until: (command) => command.do === "end" })
}, Effect.scoped)

const [identity = ""] = process.argv.slice(2)

NodeRuntime.runMain(
  Effect.gen(function* () {
    const next = yield* commands
    yield* sayResources
    const application = Effect.provide(obey(next), everything(identity)).pipe(Effect.provide(NodeFileSystem.layer))
    yield* Effect.ensuring(application, sayResources)
  }).pipe(Effect.scoped)
)
