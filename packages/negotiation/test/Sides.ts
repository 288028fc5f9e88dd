/** Two Tubs to test with, and a negotiation service for each as a process of its own would have it. */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConnectionTable } from "../src/ConnectionTable.ts"
import { LocalTubs } from "../src/LocalTubs.ts"
import type { LocalTub } from "../src/LocalTub.ts"
import { NegotiationService } from "../src/NegotiationService.ts"
import { NextProtocol } from "../src/NextProtocol.ts"
import * as ApplicationProtocol from "../src/policy/ApplicationProtocol.ts"
import type { Application } from "../src/policy/Application.ts"
import type { Parameters as Settled } from "../src/policy/Parameters.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { PlainTransport } from "../src/Transport.ts"

export const tub = (tubId: string, incarnation: string): LocalTub => ({
  tubId: TubId.make(tubId),
  credentials: MemoryTransport.credentials(TubId.make(tubId)),
  incarnation
})

/** Its TubId is the lower one: it never decides. */
export const low = tub("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet", "2222222222222222")
/** Its TubId is the higher one: it is Master towards `low`. */
export const high = tub("p34dey6aut5fvfk7jekonycc7apozbhf", "6666666666666666")
/** Its TubId lies between the two. */
export const stranger = tub("dtwaqzoni2iuyhmwgcjjpepgjjbgomep", "9999999999999999")

/** What an application wants that wants nothing. */
export const nothingElse: Application = { protocol: ApplicationProtocol.parameter(["banana"]), others: [] }

/** What a link of such an application starts with. */
export const settled = (version: number, vocabulary: number): Settled => ({
  version,
  vocabulary,
  applicationProtocol: "banana",
  choices: new Map()
})

export interface SideOptions {
  /** What the service reads when its layer is built. */
  readonly settings?: Layer.Layer<never>
  readonly tubs?: Layer.Layer<LocalTubs>
  readonly connections?: Layer.Layer<ConnectionTable>
  readonly next?: Layer.Layer<NextProtocol>
}

/** One process with one Tub: what it remembers, it remembers across its connections. */
export const side = Effect.fnUntraced(function* (self: LocalTub, options?: SideOptions) {
  const context = yield* Layer.build(
    NegotiationService.layer.pipe(
      Layer.provide([
        options?.connections ?? ConnectionTable.layerMemory,
        options?.tubs ?? LocalTubs.layer({ here: [self] }),
        options?.next ?? NextProtocol.layerBanana
      ]),
      Layer.provide(options?.settings ?? Layer.empty)
    )
  )
  const service = Context.get(context, NegotiationService)
  return {
    tub: self,
    accept: service.accept,
    dial: (transport: PlainTransport, target: Omit<Parameters<NegotiationService["Service"]["dial"]>[1], "tub">) =>
      service.dial(transport, { tub: self, ...target })
  }
})
