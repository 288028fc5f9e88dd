/** Codec: Banana against Foolscap's own, against msgpackr and against JSON. */
import { type Findings, type Options, planOf, progress } from "../Part.ts"
import * as Chunks from "./Chunks.ts"
import * as Floors from "./Floors.ts"
import * as Profile from "./Profile.ts"
import * as Speed from "./Speed.ts"
import { chartsOf, goalsOf, sectionOf } from "./SpeedTable.ts"
import * as Streaming from "./Streaming.ts"
import { nameList } from "./Values.ts"

export const run = async (options: Options): Promise<Findings> => {
  const names = nameList.filter((name) => options.values.length === 0 || options.values.includes(name))

  if (options.profile) return Profile.run(names)
  const results = await Speed.run(names, options)
  const { counted: rounds } = planOf(options)
  const speed = {
    sections: Speed.operations.map((operation) => sectionOf(operation, rounds, results)),
    goals: Speed.operations.flatMap((operation) => goalsOf(operation, results)),
    charts: Speed.operations.flatMap((operation) => chartsOf(operation, results)),
    data: { rounds, results }
  }
  if (options.values.length > 0) return speed
  progress("what no codec can leave out")
  const floors = await Floors.run(options, results)
  progress("memory while streaming")
  const streaming = await Streaming.run(options)
  progress("one byte at a time")
  const chunks = await Chunks.run(options)
  return {
    ...speed,
    sections: [...speed.sections, ...floors.sections, ...streaming.sections, ...chunks.sections],
    data: { speed: speed.data, floors: floors.data, streaming: streaming.data, chunks: chunks.data }
  }
}
