/** A store of entries that can be broken, as one is whose server is gone or does not answer. */
import * as Effect from "effect/Effect"
import * as KeyValueStore from "effect/persistence/KeyValueStore"

/** What the server of a store is like. */
export type State = "up" | "down" | "hanging"

/** What stands in the error of a store that is down, and nowhere on the wire. */
export const secret = "connect ECONNREFUSED 10.1.2.3:6379"

/** A store, what it holds, and what it is like. */
export const make = (initially: Readonly<Record<string, string>> = {}) => {
  const entries = new Map(Object.entries(initially))
  const server: { state: State; asked: number } = { state: "up", asked: 0 }
  const when = <A>(method: string, key: string, answer: () => A) =>
    Effect.suspend((): Effect.Effect<A, KeyValueStore.KeyValueStoreError> => {
      server.asked++
      switch (server.state) {
        case "up":
          return Effect.sync(answer)
        case "hanging":
          return Effect.never
        case "down": {
          const message = `Unable to ${method} item with key ${key}`
          return Effect.fail(new KeyValueStore.KeyValueStoreError({ method, key, message, cause: new Error(secret) }))
        }
      }
    })
  const store = KeyValueStore.makeStringOnly({
    get: (key) => when("get", key, () => entries.get(key)),
    set: (key, value) => when("set", key, () => void entries.set(key, value)),
    remove: (key) => when("remove", key, () => void entries.delete(key)),
    clear: Effect.sync(() => entries.clear()),
    size: Effect.sync(() => entries.size),
    keys: Effect.sync(() => [...entries.keys()])
  })
  return { entries, server, store }
}
