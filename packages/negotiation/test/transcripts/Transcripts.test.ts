import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { LocalTub } from "../../src/LocalTub.ts"
import type { Side } from "../../src/policy/Master.ts"
import * as MemoryTransport from "../../src/testing/MemoryTransport.ts"
import type { Service } from "../Both.ts"
import { type Ended, type Heard, outcomeOf, play } from "../Peer.ts"
import { side, tub } from "../Sides.ts"

/** What one side says in a conversation. */
interface Part {
  readonly clear: string
  readonly secret: string
}

interface Conversation {
  readonly client: Part
  readonly server: Part
  readonly outcome: Readonly<Record<Side, string>>
}

/** The lines of one side, before and after TLS. */
const partOf = (conversation: string, speaker: Side): Part => {
  const [clear = "", secret = ""] = conversation.split("-- TLS --\n").map((phase) =>
    phase
      .split("\n")
      .filter((line) => line.startsWith(`${speaker}>`))
      .map((line) => `${line.slice(`${speaker}> `.length)}\r\n`)
      .join("")
  )
  return { clear, secret }
}

/** The scenes of a transcript: under each heading, conversations of the same two Tubs, one after another. */
const scenesOf = (markdown: string) =>
  markdown
    .split(/^## /m)
    .slice(1)
    .map((scene) => {
      const texts = [...scene.matchAll(/^```text\n([^]*?)^```$/gm)].map(([, text = ""]) => text)
      const conversations: Array<Conversation> = []
      for (let i = 0; i + 1 < texts.length; i += 2) {
        const [said = "", came = ""] = texts.slice(i, i + 2)
        const outcome = (of: Side) =>
          new RegExp(`^${of}: (.*)$`, "m").exec(came)?.[1] ?? assert.fail(`no ${of} in ${came}`)
        conversations.push({
          client: partOf(said, "client"),
          server: partOf(said, "server"),
          outcome: { client: outcome("client"), server: outcome("server") }
        })
      }
      return { title: scene.slice(0, scene.indexOf("\n")), conversations }
    })

const wordIn = (part: Part, key: string): string =>
  new RegExp(`^${key}: (.*)\r$`, "m").exec(part.secret)?.[1] ?? assert.fail(`no ${key} in ${part.secret}`)

const tubOf = (part: Part): LocalTub => tub(wordIn(part, "my-tub-id"), wordIn(part, "my-incarnation"))

const told = (exit: Ended): string =>
  Exit.isSuccess(exit) ? `${exit.value.role} of connection ${exit.value.seqnum}` : outcomeOf(exit)

/** One end is ours, on the side `on`; the other is played as the transcript has it. */
const rehearse = Effect.fnUntraced(function* (
  service: Service,
  on: Side,
  conversation: Conversation,
  scene: Scope.Scope
) {
  const theirSide = on === "client" ? "server" : "client"
  const theirs = conversation[theirSide]
  const pair = yield* MemoryTransport.makePair()
  const heard: Heard = { clear: "", secret: "" }
  const { credentials, tubId } = tubOf(theirs)
  const playing = yield* Effect.forkChild(play(pair[theirSide], theirSide, { ...theirs, proves: credentials }, heard))
  const negotiating =
    on === "client" ? service.dial(pair.client, { wanted: tubId, host: "example.org" }) : service.accept(pair.server)
  const exit: Ended = yield* Effect.exit(Scope.provide(negotiating, scene))
  return { exit, heard, playing }
})

for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".md"))) {
  const scenes = scenesOf(readFileSync(`${import.meta.dirname}/${file}`, "utf8"))

  describe(`The transcript ${file}`, () => {
    it("has scenes, each of them whole", () => {
      assert.isAbove(scenes.length, 0)
      for (const { conversations, title } of scenes) assert.isAbove(conversations.length, 0, title)
    })

    for (const { conversations, title } of scenes) {
      for (const on of ["client", "server"] as const) {
        it.effect(`${title}: so says and hears our ${on}`, () =>
          Effect.gen(function* () {
            // The links of a scene live until its end, and what was said arrives before they close.
            const scene = yield* Scope.make()
            const rehearsals = []
            let service: Service | undefined
            for (const conversation of conversations) {
              // A client that says `none 0` again is another attempt of a process that has not heard yet.
              const isFresh = on === "client" && conversation.client.secret.includes("last-connection: none 0\r\n")
              if (service === undefined || isFresh) service = yield* side(tubOf(conversation[on]))
              rehearsals.push({ conversation, ...(yield* rehearse(service, on, conversation, scene)) })
            }
            yield* Scope.close(scene, Exit.void)
            for (const { conversation, exit, heard, playing } of rehearsals) {
              yield* Fiber.join(playing)
              assert.deepStrictEqual(heard, conversation[on])
              assert.strictEqual(told(exit), conversation.outcome[on])
            }
          })
        )
      }
    }
  })
}
