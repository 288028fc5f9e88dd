import { defineConfig } from "vitest/config"

export default defineConfig({
  // Packages resolve one another's sources, so that nothing has to be built before a test runs.
  ssr: { resolve: { conditions: ["@effect-foolscap/source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    exclude: ["packages/interop/**", "**/node_modules/**"]
  }
})
