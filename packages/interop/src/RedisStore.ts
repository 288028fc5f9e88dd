/**
 * RedisStore: a KeyValueStore over Effect's Redis service, as an application would write one.
 *
 * A command fails at once while there is no connection. (By default the client of `redis` keeps it until there is one, and
 * whoever waits for the answer waits as long.)
 */
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Redis from "effect/persistence/Redis"

const fromRedis = ({ send }: Redis.Redis["Service"]): KeyValueStore.KeyValueStore => {
  const command = <A>(method: string, key: string | undefined, name: string, ...args: ReadonlyArray<string>) =>
    Effect.mapError(send<A>(name, ...args), ({ cause }) => {
      const message = `Redis cannot ${method}${key === undefined ? "" : ` ${key}`}`
      return new KeyValueStore.KeyValueStoreError({ method, message, cause, ...(key === undefined ? {} : { key }) })
    })
  return KeyValueStore.makeStringOnly({
    get: (key) => Effect.map(command<string | null>("get", key, "GET", key), (value) => value ?? undefined),
    set: (key, value) => Effect.asVoid(command("set", key, "SET", key, value)),
    remove: (key) => Effect.asVoid(command("remove", key, "DEL", key)),
    clear: Effect.asVoid(command("clear", undefined, "FLUSHDB")),
    size: command<number>("size", undefined, "DBSIZE"),
    keys: command<ReadonlyArray<string>>("keys", undefined, "KEYS", "*")
  })
}

/** A store in the Redis that listens on the Unix socket `path`, which has to be there when this is built. */
export const layer = (path: string): Layer.Layer<KeyValueStore.KeyValueStore | NodeRedis.NodeRedis, Redis.RedisError> =>
  Layer.effect(KeyValueStore.KeyValueStore, Effect.map(Redis.Redis, fromRedis)).pipe(
    Layer.provideMerge(NodeRedis.layer({ socket: { path, tls: false }, disableOfflineQueue: true }))
  )

/** Succeeds when there is a connection. */
export const connected: Effect.Effect<void, never, NodeRedis.NodeRedis> = Effect.flatMap(
  NodeRedis.NodeRedis,
  ({ client }) =>
    Effect.callback<void>((resume) => {
      const ready = () => resume(Effect.void)
      if (client.isReady) ready()
      else client.once("ready", ready)
      return Effect.sync(() => void client.off("ready", ready))
    })
)
