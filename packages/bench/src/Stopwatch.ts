/** Stopwatch: how long something takes. */

/** Shorter than this no run is timed alone. */
const leastMilliseconds = 10

/**
 * Milliseconds of one run; the mean of as many as take 10 ms where one is shorter. One more goes before it, since the processor's
 * caches and clock are another's after the turns of the others; then garbage is collected.
 */
export const timed = (run: () => unknown): number => {
  run()
  globalThis.gc?.()
  let runs = 0
  const start = performance.now()
  let now = start
  while (runs === 0 || now - start < leastMilliseconds) {
    run()
    runs++
    now = performance.now()
  }
  return (now - start) / runs
}

/** What this process has had of the processors so far. */
export const processorMilliseconds = (): number => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1000
}
