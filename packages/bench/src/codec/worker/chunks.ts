/** One message in chunks of one byte and of 64 KiB, and pushes that have nothing to do. */
import { answer } from "../../Answering.ts"
import { median } from "../../Rounds.ts"
import { timed } from "../../Stopwatch.ts"
import type { Cost, Message } from "../Chunks.ts"
import { kinds } from "../Values.ts"
import * as Ours from "./Ours.ts"
import { chunkSize, cut } from "./Serving.ts"

/** Made once, since to make a chunk costs more than to push it. A decoder keeps no part of one. */
const ofOne = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))

/** What takes a message in chunks, and returns what is then complete. */
interface Receiver {
  readonly push: (chunk: Uint8Array) => ReadonlyArray<unknown>
}

/** No decoder: copies what comes until all of it has come. */
class Copier implements Receiver {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
  }

  push(chunk: Uint8Array): ReadonlyArray<unknown> {
    const { at, bytes } = this
    const { length } = chunk
    if (at === bytes.length) return none
    if (length === 1) bytes[at] = chunk[0] as number // it has one
    else bytes.set(chunk, at)
    this.at += length
    return this.at === bytes.length ? [bytes] : none
  }
}

const none: ReadonlyArray<unknown> = []

const messages: { readonly [name in Message]: (bytes: number) => Uint8Array } = {
  "byte string": (bytes) => Buffer.concat(Ours.encode(kinds.blob.make(bytes))),
  copy: (bytes) => Uint8Array.from(kinds.blob.make(bytes) as Uint8Array), // as made
  records: (bytes) => Buffer.concat(Ours.encode(Ours.from(kinds.records.make(Math.round(bytes / 106)))))
}

const pushBytes = (receiver: Receiver, message: Uint8Array): number => {
  let received = 0
  for (const byte of message) received += receiver.push(ofOne[byte] as Uint8Array).length // of 256 there are all
  return received
}

const nothing = new Uint8Array(0)

/** Rounds until the engine has compiled what it will. */
const warming = 3

const expectOne = (received: number) => {
  if (received !== 1) throw new Error(`${received} received instead of one value`)
}

const costOf = (name: Message, message: Uint8Array, rounds: number): Cost => {
  const chunks = cut(message, chunkSize)
  const receiver = (): Receiver => (name === "copy" ? new Copier(message.length) : Ours.decoder())
  const ended = name === "copy" ? new Copier(0) : Ours.decoder()
  // An ERROR without a text.
  ended.push(Uint8Array.of(0, 0x8d))

  const runs = {
    single: () => expectOne(pushBytes(receiver(), message)),
    chunked: () => {
      const decoder = receiver()
      expectOne(chunks.reduce((received, chunk) => received + decoder.push(chunk).length, 0))
    },
    ended: () => pushBytes(ended, message),
    empty: () => {
      const decoder = receiver()
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
    costOf(request.message, Uint8Array.from(messages[request.message](request.megabytes * 1e6)), request.rounds)
})
