/** One message in chunks of one byte and of 64 KiB, and pushes that have nothing to do. */
import type { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
import { answer } from "../../Answering.ts"
import { median } from "../../Rounds.ts"
import { timed } from "../../Stopwatch.ts"
import type { Cost, Message } from "../Chunks.ts"
import { kinds } from "../Values.ts"
import * as Ours from "./Ours.ts"
import { chunkSize, cut } from "./Serving.ts"

/** Made once, since to make a chunk costs more than to push it. A decoder keeps no part of one. */
const ofOne = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))

const messages: { readonly [name in Message]: (bytes: number) => Uint8Array } = {
  "byte string": (bytes) => Buffer.concat(Ours.encode(kinds.blob.make(bytes))),
  records: (bytes) => Buffer.concat(Ours.encode(Ours.from(kinds.records.make(Math.round(bytes / 106)))))
}

const pushBytes = (decoder: BananaDecoder, message: Uint8Array): number => {
  let received = 0
  for (const byte of message) received += decoder.push(ofOne[byte] as Uint8Array).length // of 256 there are all
  return received
}

const nothing = new Uint8Array(0)

/** Rounds until the engine has compiled what it will. */
const warming = 3

const expectOne = (received: number) => {
  if (received !== 1) throw new Error(`${received} received instead of one value`)
}

const costOf = (message: Uint8Array, rounds: number): Cost => {
  const chunks = cut(message, chunkSize)
  const ended = Ours.decoder()
  // An ERROR without a text.
  ended.push(Uint8Array.of(0, 0x8d))

  const runs = {
    single: () => expectOne(pushBytes(Ours.decoder(), message)),
    chunked: () => {
      const decoder = Ours.decoder()
      expectOne(chunks.reduce((received, chunk) => received + decoder.push(chunk).length, 0))
    },
    ended: () => pushBytes(ended, message),
    empty: () => {
      const decoder = Ours.decoder()
      // In the middle of the message.
      decoder.push(message.subarray(0, 1000))
      for (let turn = 0; turn < message.length; turn++) decoder.push(nothing)
    }
  }
  const nanoseconds = {
    single: [] as Array<number>,
    chunked: [] as Array<number>,
    ended: [] as Array<number>,
    empty: [] as Array<number>
  }
  const names = Object.keys(runs) as ReadonlyArray<keyof typeof runs> // its own keys
  for (let round = -warming; round < rounds; round++) {
    for (const name of names) {
      const perByte = (timed(runs[name]) * 1e6) / message.length
      if (round >= 0) nanoseconds[name].push(perByte)
    }
  }
  const { chunked, empty, ended: finished, single } = nanoseconds
  return {
    bytes: message.length,
    single: median(single),
    chunked: median(chunked),
    ended: median(finished),
    empty: median(empty)
  }
}

await answer("effect-foolscap, chunks", {
  cost: (request: { readonly message: Message; readonly megabytes: number; readonly rounds: number }) =>
    costOf(Uint8Array.from(messages[request.message](request.megabytes * 1e6)), request.rounds)
})
