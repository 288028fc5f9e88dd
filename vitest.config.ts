import { defineConfig } from "vitest/config"

// Packages resolve one another's sources, so that nothing has to be built before a test runs.
const conditions = ["@effect-foolscap/source"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    exclude: ["packages/interop/**", "**/node_modules/**"]
  }
})
