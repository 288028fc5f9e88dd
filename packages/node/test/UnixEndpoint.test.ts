/** What only Unix domain sockets do; what they share with TCP is in NodeEndpoint.test.ts and in the suite below. */
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import type { Endpoint, UnixAddress } from "@effect-foolscap/tub/Endpoint"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, relative } from "node:path"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeTransport from "../src/NodeTransport.ts"
import * as UnixPath from "../src/UnixPath.ts"
import { foolscapIdentity } from "./Fixtures.ts"
import { bytesOf, pullExactly, transportSuite } from "./TransportSuite.ts"
import { leaveSocket, pipes, socketPath } from "./UnixFolder.ts"

const dial = (endpoint: Endpoint<UnixAddress>) => NodeTransport.connect(endpoint.address)

const modeOf = (path: string) => (lstatSync(path).mode & 0o777).toString(8)

const prover = (index: number) => {
  const credentials = foolscapIdentity(index)
  return { tubId: credentials.tubId, credentials }
}

transportSuite("A Unix domain socket", {
  it: it.live,
  makePair: Effect.gen(function* () {
    const endpoint = yield* NodeEndpoint.listenUnix({ path: yield* socketPath })
    const arrived = yield* Deferred.make<PlainTransport>()
    yield* Effect.forkScoped(
      endpoint.run((transport) => Effect.andThen(Deferred.succeed(arrived, transport), Effect.never))
    )
    const client = yield* dial(endpoint)
    return { client, server: yield* Deferred.await(arrived) }
  }).pipe(Effect.orDie),
  provers: Effect.succeed({ client: prover(0), server: prover(1) })
})

describe("NodeEndpoint.listenUnix", () => {
  it.live("lets the owner alone connect", () =>
    Effect.gen(function* () {
      const { address } = yield* NodeEndpoint.listenUnix({ path: yield* socketPath })
      assert.strictEqual(modeOf(address.path), "600")
    })
  )

  it.live("lets others connect where it is told to", () =>
    Effect.gen(function* () {
      const { address } = yield* NodeEndpoint.listenUnix({ path: yield* socketPath, mode: 0o660 })
      assert.strictEqual(modeOf(address.path), "660")
    })
  )

  it.live("says where it listens in a way that holds in every folder", () =>
    Effect.gen(function* () {
      const path = yield* socketPath
      const { address } = yield* NodeEndpoint.listenUnix({ path: relative(process.cwd(), path) })
      assert.strictEqual(address.path, path)
    })
  )

  it.live("leaves no file and no handle when its Scope closes", () =>
    Effect.gen(function* () {
      const before = yield* pipes
      const path = yield* socketPath
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* dial(yield* NodeEndpoint.listenUnix({ path }))
          assert.isTrue(existsSync(path))
          assert.isAbove(yield* pipes, before)
        })
      )
      assert.isFalse(existsSync(path))
      assert.strictEqual(yield* pipes, before)
    })
  )

  it.live("takes over a socket that a crash has left, without a word", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const path = yield* socketPath
      yield* leaveSocket(path)
      const endpoint = yield* NodeEndpoint.listenUnix({ path })
      assert.strictEqual(modeOf(path), "600")
      yield* Effect.forkChild(
        endpoint
          .run((transport) => Effect.orDie(transport.write(bytesOf("new"))))
          .pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => void logged.push(message))])))
      )
      yield* pullExactly(yield* dial(endpoint), 3)
      assert.deepStrictEqual(logged, [])
    })
  )

  it.live("leaves a socket alone that somebody listens on, and says so", () =>
    Effect.gen(function* () {
      const first = yield* NodeEndpoint.listenUnix({ path: yield* socketPath, mode: 0o666 })
      const error = yield* Effect.flip(NodeEndpoint.listenUnix(first.address))
      assert.strictEqual(error._tag, "ListenFailed")
      assert.strictEqual(
        error.message,
        `cannot listen on ${first.address.path}: EADDRINUSE: another process listens there`
      )
      assert.strictEqual(modeOf(first.address.path), "666")
      yield* dial(first)
    })
  )

  it.live("leaves a file alone that is not a socket, and says so", () =>
    Effect.gen(function* () {
      const path = yield* socketPath
      writeFileSync(path, "precious")
      const error = yield* Effect.flip(NodeEndpoint.listenUnix({ path }))
      assert.strictEqual(error.message, `cannot listen on ${path}: there is a file that is not a socket`)
      assert.strictEqual(readFileSync(path, "utf8"), "precious")
    })
  )

  it.live("leaves a link alone, also one to a socket that a crash has left", () =>
    Effect.gen(function* () {
      const path = yield* socketPath
      yield* leaveSocket(`${path}1`)
      symlinkSync(`${path}1`, path)
      const error = yield* Effect.flip(NodeEndpoint.listenUnix({ path }))
      assert.include(error.message, "there is a file that is not a socket")
      assert.isTrue(lstatSync(path).isSymbolicLink())
    })
  )

  it.live("says that there is no such folder", () =>
    Effect.gen(function* () {
      const path = `${yield* socketPath}/tub.sock`
      const error = yield* Effect.flip(NodeEndpoint.listenUnix({ path }))
      assert.strictEqual(error.message, `cannot listen on ${path}: there is no folder ${dirname(path)}`)
    })
  )

  it.live("says that a file is no folder", () =>
    Effect.gen(function* () {
      const path = yield* socketPath
      writeFileSync(path, "")
      const error = yield* Effect.flip(NodeEndpoint.listenUnix({ path: `${path}/tub.sock` }))
      assert.include(error.message, "ENOTDIR")
    })
  )

  it.live("takes a path as long as the system has room for, and no longer", () =>
    Effect.gen(function* () {
      const short = yield* socketPath
      const longest = `${short}${"x".repeat(UnixPath.limit - short.length)}`
      yield* dial(yield* NodeEndpoint.listenUnix({ path: longest }))
      const error = yield* Effect.flip(NodeEndpoint.listenUnix({ path: `${longest}x` }))
      assert.include(error.message, `a path of ${UnixPath.limit + 1} bytes is too long`)
    })
  )
})

describe("NodeEndpoint, stop, of a Unix domain socket", () => {
  it.live("frees the path for somebody else, keeps the connections, and never touches the path again", () =>
    Effect.gen(function* () {
      const path = yield* socketPath
      const scope = yield* Scope.make()
      const endpoint = yield* Scope.provide(NodeEndpoint.listenUnix({ path }), scope)
      yield* Effect.forkChild(
        endpoint.run((transport) => Effect.ignore(Effect.forever(Effect.flatMap(transport.pull, transport.write))))
      )
      const client = yield* dial(endpoint)
      yield* client.write(bytesOf("1"))
      yield* pullExactly(client, 1)

      yield* endpoint.stop
      assert.isFalse(existsSync(path))
      const successor = yield* NodeEndpoint.listenUnix({ path })
      yield* endpoint.stop
      yield* client.write(bytesOf("2"))
      yield* pullExactly(client, 1)

      yield* Scope.close(scope, Exit.void)
      yield* dial(successor)
    })
  )
})
