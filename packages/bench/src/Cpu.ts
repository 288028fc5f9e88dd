/** Cpu: where a process spent its time, by function. */
import { type Profiler, Session } from "node:inspector/promises"

/** The time in one function itself, without what it called. */
export interface Self {
  readonly name: string
  /** Its file, from the folder of the packages on; empty for the engine's own. */
  readonly file: string
  readonly milliseconds: number
}

const samplingMicroseconds = 100

/** Whoever asks for a profile is in it. */
const profiler = "node:inspector"

/** Runs something, and waits for it if it takes its time, under the engine's profiler, again and again for so many milliseconds. Most expensive first. */
export const profiled = async (milliseconds: number, run: () => unknown): Promise<ReadonlyArray<Self>> => {
  const session = new Session()
  session.connect()
  await session.post("Profiler.enable")
  await session.post("Profiler.setSamplingInterval", { interval: samplingMicroseconds })
  await session.post("Profiler.start")
  const start = performance.now()
  while (performance.now() - start < milliseconds) await run()
  const { profile } = await session.post("Profiler.stop")
  session.disconnect()
  return condense(profile)
}

const condense = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): ReadonlyArray<Self> => {
  const frames = new Map(nodes.map(({ callFrame, id }) => [id, callFrame]))
  const found = new Map<string, Self>()
  samples.forEach((id, at) => {
    const { functionName = "", url = "" } = frames.get(id) ?? {}
    const name = functionName === "" ? "(anonymous)" : functionName
    const file = url.replace(/^.*\/(packages|node_modules)\//, "").replace("/src/", "/")
    const key = `${name} ${file}`
    const milliseconds = (found.get(key)?.milliseconds ?? 0) + (timeDeltas[at] ?? 0) / 1000
    found.set(key, { name, file, milliseconds })
  })
  return [...found.values()]
    .filter(({ file }) => !file.startsWith(profiler))
    .sort((a, b) => b.milliseconds - a.milliseconds)
}
