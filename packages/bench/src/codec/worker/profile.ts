/** Ours under the engine's own profiler. What is made before, and what decoding needs to be encoded, is not in it. */
import { answer } from "../../Answering.ts"
import * as Cpu from "../../Cpu.ts"
import type { Request } from "../Profile.ts"
import { kinds } from "../Values.ts"
import * as Ours from "./Ours.ts"
import { chunkSize, cut } from "./Serving.ts"

await answer("effect-foolscap, profile", {
  profile: async ({ milliseconds, operation, values }: Request) => {
    const value = Ours.from(kinds[values].make(kinds[values].count))
    const chunks = cut(Uint8Array.from(Buffer.concat(Ours.encode(value))), chunkSize)
    const run = operation === "encode" ? () => Ours.encode(value) : () => Ours.decode(chunks)
    // Compiling is not what is asked here.
    for (let turn = 0; turn < 3; turn++) run()
    return Cpu.profiled(milliseconds, run)
  }
})
