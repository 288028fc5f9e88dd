#!/usr/bin/env node
// Starts the `tub` command: in a checkout from its TypeScript sources, installed from what was built of them.
import * as module from "node:module"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `tub needs Node.js 22.19 or newer and this is ${process.version}. In a checkout, "npx tub" runs it under the right one.`
  )
  process.exit(1)
}

// Node strips types everywhere but below node_modules.
const installed = import.meta.url.includes("/node_modules/")
if (!installed) {
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "@effect-foolscap/source"] })
  })
}
await import(installed ? "../dist/bin.js" : "../src/bin.ts")
