/** Nginx: a real web server on loopback, for as long as a Scope lasts. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Child from "./Child.ts"
import { Inbox } from "./Inbox.ts"
import * as Ports from "./Ports.ts"
import * as Scratch from "./Scratch.ts"

/** Where Debian installs it. */
export const nginx = "/usr/sbin/nginx"

/**
 * Starts nginx on a port of 127.0.0.1. `locations` maps paths to what is done there, in nginx's own words
 * (`return 303 http://...`); everything else is answered 404.
 */
export const start = (locations: Record<string, string>): Effect.Effect<Nginx, never, Scope.Scope> =>
  Effect.flatMap(Ports.free, (port) => startAt(port, locations))

/** A running web server. */
export interface Nginx {
  readonly hint: string
}

/** The same, on a port that was free a moment ago. */
export const startAt = Effect.fnUntraced(function* (
  port: number,
  locations: Record<string, string>
): Effect.fn.Return<Nginx, never, Scope.Scope> {
  const folder = yield* Scratch.folder
  const file = join(folder, "nginx.conf")
  writeFileSync(file, configuration(folder, port, locations))
  const said = new Inbox<string>("nginx")
  yield* Child.start(nginx, ["-p", folder, "-c", file, "-e", "stderr"], { heard: said.offer, politely: "SIGTERM" })
  // It is logged once the port is open.
  yield* said.take("that it waits for events", (line): line is string =>
    line.includes('using the "epoll" event method')
  )
  return { hint: `tcp:127.0.0.1:${port}` }
})

// One process in the foreground, which writes into its own folder only.
const configuration = (folder: string, port: number, locations: Record<string, string>) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join("\n")}
  server {
    listen 127.0.0.1:${port};
${Object.entries(locations)
  .map(([path, directive]) => `    location = ${path} { ${directive}; }`)
  .join("\n")}
    location / { return 404; }
  }
}
`
