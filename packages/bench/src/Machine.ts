/** Machine: where figures come from, without which they mean little. */
import { cpus, totalmem } from "node:os"

const processors = cpus()

export const machine = {
  processor: processors[0]?.model.trim() ?? "unknown",
  processors: processors.length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch}`
}

export const machineText = `${machine.processor}, ${machine.processors} processors, ${machine.memoryGiB} GiB, ${machine.system}`
