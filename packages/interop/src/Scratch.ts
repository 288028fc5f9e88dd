/** Scratch: a folder in the file system, for as long as a Scope lasts. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A new, empty folder that only its owner can read. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "foolscap-interop-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)
