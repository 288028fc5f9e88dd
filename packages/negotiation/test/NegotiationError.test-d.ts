/** What the types promise: what the service needs, how it ends, and that every reason can be told apart. */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import { expectTypeOf } from "vitest"
import { ConnectionTable } from "../src/ConnectionTable.ts"
import type { LinkEnd } from "../src/Link.ts"
import { LocalTubs } from "../src/LocalTubs.ts"
import type { NegotiatedConnection } from "../src/NegotiatedConnection.ts"
import type { NegotiationError, Phase, Reason, TubIdMismatch } from "../src/NegotiationError.ts"
import { Deadline, NegotiationService } from "../src/NegotiationService.ts"
import { NextProtocol } from "../src/NextProtocol.ts"
import type { Role, Side } from "../src/policy/Master.ts"
import type { Redirect } from "../src/Redirect.ts"
import type { PlainTransport, SecureTransport } from "../src/Transport.ts"
import type { TransportError } from "../src/TransportError.ts"

declare const service: NegotiationService["Service"]
declare const transport: PlainTransport
declare const target: Parameters<typeof service.dial>[1]

type Negotiating = Effect.Effect<NegotiatedConnection, NegotiationError | Redirect, Scope.Scope>

// Both ends of a conversation end alike.
expectTypeOf(service.dial(transport, target)).toEqualTypeOf<Negotiating>()
expectTypeOf(service.accept(transport)).toEqualTypeOf<Negotiating>()
expectTypeOf(target.wanted).toEqualTypeOf<TubId>()

// The layer needs its three ports and cannot fail; the ports that ship with it complete it.
expectTypeOf(NegotiationService.layer).toEqualTypeOf<
  Layer.Layer<NegotiationService, never, ConnectionTable | LocalTubs | NextProtocol>
>()
expectTypeOf(
  NegotiationService.layer.pipe(
    Layer.provide([ConnectionTable.layerMemory, LocalTubs.layer({ here: [] }), NextProtocol.layerBanana])
  )
).toEqualTypeOf<Layer.Layer<NegotiationService>>()

// The deadline has a default, so asking for it requires nothing.
expectTypeOf(Effect.map(Deadline, (deadline) => deadline)).toEqualTypeOf<Effect.Effect<Duration.Duration>>()

// Whoever fails says where, on which side and why.
expectTypeOf<NegotiationError["phase"]>().toEqualTypeOf<"Plaintext" | "Encrypted" | "Deciding">()
expectTypeOf<NegotiationError["phase"]>().toEqualTypeOf<Phase>()
expectTypeOf<NegotiationError["side"]>().toEqualTypeOf<Side>()
expectTypeOf<NegotiationError["peer"]>().toEqualTypeOf<TubId | undefined>()
expectTypeOf<NegotiationError["reason"]>().toEqualTypeOf<Reason>()

// One reason can be handled and leaves the others, as the documentation says.
expectTypeOf(
  service.dial(transport, target).pipe(
    Effect.catchReason("NegotiationError", "TubIdMismatch", (reason) => {
      expectTypeOf(reason).toEqualTypeOf<TubIdMismatch>()
      return Effect.succeed("mismatch" as const)
    })
  )
).toExtend<Effect.Effect<NegotiatedConnection | "mismatch", NegotiationError | Redirect, Scope.Scope>>()
expectTypeOf(
  service.dial(transport, target).pipe(
    Effect.catchTag("Redirect", ({ hints, tubId }) => {
      expectTypeOf(tubId).toEqualTypeOf<TubId>()
      return Effect.succeed(hints[0].text)
    })
  )
).toEqualTypeOf<Effect.Effect<NegotiatedConnection | string, NegotiationError, Scope.Scope>>()

// Who the peer is cannot be asked for before TLS has proven it.
expectTypeOf<PlainTransport>().not.toHaveProperty("proven")
expectTypeOf<SecureTransport["proven"]>().toEqualTypeOf<TubId | undefined>()
expectTypeOf<SecureTransport>().not.toHaveProperty("startTls")
expectTypeOf(transport.pull).toEqualTypeOf<Effect.Effect<Uint8Array, TransportError>>()

// Who the peer is has been proven, unless it is nobody; the end is a value, not a failure.
declare const connection: NegotiatedConnection
expectTypeOf(connection.peer).toEqualTypeOf<TubId | undefined>()
expectTypeOf(connection.role).toEqualTypeOf<Role>()
expectTypeOf(connection.socket).toEqualTypeOf<Socket.Socket>()
expectTypeOf(connection.ended).toEqualTypeOf<Effect.Effect<LinkEnd>>()
expectTypeOf(connection.close).toEqualTypeOf<Effect.Effect<void>>()
