/**
 * Tub: who this program is towards its peers.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import * as LocalTub from "@effect-foolscap/negotiation/LocalTub"
import { LocalTubs } from "@effect-foolscap/negotiation/LocalTubs"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { NextProtocol } from "@effect-foolscap/negotiation/NextProtocol"
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Links } from "./Links.ts"
import type { TubIdentity } from "./TubIdentity.ts"

/**
 * The Tub on whose behalf this program dials and listens.
 *
 * @category services
 * @since 0.1.0
 */
export class Tub extends Context.Service<Tub, LocalTub.LocalTub>()("@effect-foolscap/tub/Tub") {
  /**
   * A Tub with this identity, a fresh incarnation and an empty memory of its peers, and the negotiation for it.
   *
   * Its settings are references that are read when it is built, so they are provided to this layer: `Deadline`,
   * `AnonymousPeers`, `HandleOldPeers`, `ApplicationProtocols`, `ApplicationParameters`.
   *
   * One such layer stands for one process in Foolscap's eyes: build it once, and give it to every Listener and Connector.
   *
   * Its Listeners redirect whoever asks for a Tub of `elsewhere` to the hints there (N11). They never do so for this Tub.
   * More hints of one Tub than fit into a 303 of 4096 bytes are a mistake of the program: building the layer dies.
   */
  static readonly layer = (
    identity: TubIdentity,
    options: { readonly elsewhere?: ReadonlyMap<TubId, Arr.NonEmptyReadonlyArray<LocationHint>> } = {}
  ): Layer.Layer<Tub | NegotiationService | Links> => {
    const tub = Layer.effect(Tub, LocalTub.make(identity))
    const tubs = Layer.unwrap(Effect.map(Tub, (self) => LocalTubs.layer({ here: [self], ...options })))
    // Fresh, or two Tubs of one program would have the memory, and the peers, of the first.
    return Layer.fresh(Tub.layerNegotiation).pipe(Layer.provide(tubs), Layer.provideMerge(tub))
  }

  /**
   * The negotiation for whatever Tubs `LocalTubs` says, with an empty memory of their peers: for several Tubs behind one
   * Listener, for a Listener that only redirects, and for a fleet that shares where each Tub lives.
   *
   * Such Tubs are made with `LocalTub.make`. A Connector is one Tub's: provide `Layer.succeed(Tub)(tub)` to its layer. A
   * program that builds this, or `Connector.layer`, more than once needs `Layer.fresh` around it, or it gets the first one
   * again.
   */
  static readonly layerNegotiation: Layer.Layer<NegotiationService | Links, never, LocalTubs> =
    NegotiationService.layer.pipe(
      Layer.provide([ConnectionTable.layerMemory, NextProtocol.layerBanana]),
      Layer.merge(Links.layer)
    )
}
