/** Every transcript from the side of each of its Tubs that we can be. */
import { type Transcript, transcripts } from "./Fixtures.ts"

/** Sides that we cannot take: an old peer that sends no incarnation, which we always send. */
const notOurs: ReadonlySet<string> = new Set([
  "19-old-peer-default client-second",
  "20-old-peer-handle-old-young client-second",
  "21-old-peer-handle-old-aged client-second"
])

export interface Perspective {
  readonly transcript: Transcript
  readonly ours: string
}

export const perspectives: ReadonlyArray<Perspective> = transcripts.flatMap((transcript) =>
  Object.keys(transcript.tubs)
    .filter((ours) => transcript.events.some((event) => "from" in event && event.from === ours))
    .filter((ours) => !notOurs.has(`${transcript.name} ${ours}`))
    .map((ours) => ({ transcript, ours }))
)
