import { defineConfig } from "vitest/config"

export default defineConfig({
  // Packages resolve one another's sources, so that nothing has to be built before a test runs.
  ssr: { resolve: { conditions: ["@effect-foolscap/source"] } },
  test: {
    // The tests share no state, and loading Effect anew for every file costs more than running them.
    isolate: false,
    // Tells a test that hangs, on a machine that is busy with other things. No test measures time.
    testTimeout: 20_000,
    include: ["packages/*/test/**/*.test.ts"],
    exclude: ["packages/interop/**", "**/node_modules/**"]
  }
})
