/** What the runners of a cluster share. */
import { PersistenceError } from "effect/cluster/ClusterError"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** How long a runner that says nothing keeps its shards, and its place among the runners: Effect's default. */
const expiry = 35_000

/**
 * A storage that several runners share, as a database is: a shard belongs to one runner at a time, until it gives it up or
 * is silent for too long. (Effect's `RunnerStorage.layerMemory` gives every shard to whoever asks.)
 */
export const make = Effect.map(Clock.Clock, (clock) => {
  const runners = new Map<string, { runner: string; healthy: boolean; seen: number; id: number }>()
  const locks = new Map<string, { owner: string; since: number }>()
  const isFresh = (since: number) => clock.currentTimeMillisUnsafe() - since < expiry
  const lock = (owner: string, shards: ReadonlyArray<string>) => {
    const since = clock.currentTimeMillisUnsafe()
    const taken = shards.filter((shard) => {
      const held = locks.get(shard)
      return held === undefined || held.owner === owner || !isFresh(held.since)
    })
    for (const shard of taken) locks.set(shard, { owner, since })
    return taken
  }
  let count = 0
  return RunnerStorage.makeEncoded({
    getRunners: Effect.sync(() =>
      [...runners.values()].filter(({ seen }) => isFresh(seen)).map(({ healthy, runner }) => [runner, healthy] as const)
    ),
    register: (address, runner, healthy) =>
      Effect.sync(() => {
        const id = runners.get(address)?.id ?? count++
        runners.set(address, { runner, healthy, id, seen: clock.currentTimeMillisUnsafe() })
        return id
      }),
    unregister: (address) => Effect.sync(() => void runners.delete(address)),
    setRunnerHealth: (address, healthy) =>
      Effect.sync(() => {
        const found = runners.get(address)
        if (found !== undefined) runners.set(address, { ...found, healthy })
      }),
    acquire: (address, shards) => Effect.sync(() => lock(address, shards)),
    refresh: (address, shards) =>
      Effect.sync(() => {
        const found = runners.get(address)
        if (found !== undefined) runners.set(address, { ...found, seen: clock.currentTimeMillisUnsafe() })
        return lock(address, shards)
      }),
    release: (address, shard) =>
      Effect.sync(() => {
        if (locks.get(shard)?.owner === address) locks.delete(shard)
      }),
    releaseAll: (address) =>
      Effect.sync(() => {
        for (const [shard, { owner }] of locks) if (owner === address) locks.delete(shard)
      })
  })
})

/** The storage as a runner has it, which can do nothing any more when its power is gone. */
export const whileOn = (
  power: { readonly isOn: boolean },
  storage: RunnerStorage.RunnerStorage["Service"]
): RunnerStorage.RunnerStorage["Service"] => {
  const powered = <A>(operation: Effect.Effect<A, PersistenceError>) =>
    Effect.suspend(() => (power.isOn ? operation : Effect.fail(new PersistenceError({ cause: new Error("no power") }))))
  return {
    getRunners: powered(storage.getRunners),
    register: (runner, healthy) => powered(storage.register(runner, healthy)),
    unregister: (address) => powered(storage.unregister(address)),
    setRunnerHealth: (address, healthy) => powered(storage.setRunnerHealth(address, healthy)),
    acquire: (address, shards) => powered(storage.acquire(address, shards)),
    refresh: (address, shards) => powered(storage.refresh(address, shards)),
    release: (address, shard) => powered(storage.release(address, shard)),
    releaseAll: (address) => powered(storage.releaseAll(address))
  }
}
