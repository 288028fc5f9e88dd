/** What the live tests need of the machine. */
import { describe } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { python } from "./FoolscapPeer.ts"
import { microsocks } from "./Microsocks.ts"
import { nginx } from "./Nginx.ts"
import { redisServer } from "./RedisServer.ts"

const present = {
  "python3-foolscap": () => spawnSync(python, ["-c", "import foolscap"]).status === 0,
  "nginx-light": () => spawnSync(nginx, ["-v"]).status === 0,
  // It has no option that only says something.
  microsocks: () => existsSync(microsocks),
  "redis-server": () => spawnSync(redisServer, ["--version"]).status === 0
}

/** A Debian package that brings a peer. */
export type Requirement = keyof typeof present

/**
 * `describe`, for tests that need something installed. Where it is missing they are skipped, under a name that says what
 * is missing.
 */
export const describeWith = (needed: ReadonlyArray<Requirement>, name: string, tests: () => void): void => {
  const missing = needed.filter((each) => !present[each]())
  const title = missing.length === 0 ? name : `${name} (SKIPPED: install ${missing.join(" and ")})`
  describe.skipIf(missing.length > 0)(title, tests)
}
