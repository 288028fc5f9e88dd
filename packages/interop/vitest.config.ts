import { defineConfig } from "vitest/config"
import workspace from "../../vitest.config.ts"

export default defineConfig({
  ...workspace,
  test: {
    include: ["packages/interop/test/**/*.test.ts"],
    // Each test starts Python or nginx.
    testTimeout: 60_000,
    hookTimeout: 60_000
  }
})
