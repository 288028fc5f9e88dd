/**
 * Socks5: connects to hints through a SOCKS5 proxy, such as a Tor daemon.
 *
 * Names are resolved by the proxy and never here. For Tor that is the point: a lookup would tell the local network where
 * the connection goes, and nobody but Tor knows names under `.onion`.
 *
 * ```ts
 * import * as Socks5 from "@effect-foolscap/node/Socks5"
 * import { HintHandler } from "@effect-foolscap/tub/HintHandler"
 *
 * const throughTor = Socks5.handler({ proxy: { host: "127.0.0.1", port: 9050 } })
 *
 * export const anonymous = HintHandler.layer({ tor: throughTor, tcp: throughTor })
 * ```
 *
 * @since 0.1.0
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { type Address, formatAddress } from "@effect-foolscap/tub/Endpoint"
import { type KindHandler, UnknownHint, Unreachable } from "@effect-foolscap/tub/HintHandler"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Net from "node:net"
import * as NodeTransport from "./NodeTransport.ts"
import { HungUp, ProxyUnreachable, Socks5Error } from "./Socks5Error.ts"
import * as Wire from "./Socks5Wire.ts"

/**
 * Connects to hints `KIND:HOST:PORT` through the proxy, whatever the kind.
 *
 * With `auth` the proxy has to take the username and password, which travel to it in clear. Tor takes any, and keeps
 * connections with different ones on different circuits (`IsolateSOCKSAuth`, on by default).
 *
 * Whatever goes wrong is an `Unreachable` whose cause is a `Socks5Error`. There is no time limit of its own: a proxy that
 * says nothing is given up with the dial. Throws if username or password are empty or have more than 255 bytes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const handler = ({ auth, proxy }: { readonly proxy: Address; readonly auth?: Wire.Auth }): KindHandler => {
  const address = formatAddress(proxy)
  const password = auth === undefined ? undefined : Wire.password(auth)
  const failed = (reason: Socks5Error["reason"]) => new Socks5Error({ proxy: address, reason })

  return Effect.fn("Socks5.connect")(function* (hint) {
    const target = targetOf(hint)
    if (target === undefined) return yield* new UnknownHint({ hint: hint.text, form: `${hint.kind}:HOST:PORT` })
    return yield* NodeTransport.connect(proxy, {
      remoteAddress: `${formatAddress(target)} through ${address}`,
      negotiate: (socket) => Effect.mapError(converse(socket, target, password), failed)
    }).pipe(
      Effect.mapError((cause) => (cause instanceof Socks5Error ? cause : failed(new ProxyUnreachable({ cause })))),
      Effect.mapError((cause) => new Unreachable({ hint: hint.text, cause }))
    )
  })
}

const decode = Schema.decodeOption(LocationHint.FromInput)

// The rules for host and port are those of tcp hints, but for a zone, which only means something here.
const targetOf = (hint: LocationHint.LocationHint): Wire.Target | undefined => {
  const asTcp =
    hint._tag === "TcpHint" ? hint : Option.getOrUndefined(decode(`tcp${hint.text.slice(hint.kind.length)}`))
  if (asTcp?._tag !== "TcpHint") return undefined
  const { host, port } = asTcp
  return host.includes("%") || host.length > 255 ? undefined : { host, port }
}

const converse = Effect.fnUntraced(function* (
  socket: Net.Socket,
  target: Wire.Target,
  password: Uint8Array | undefined
): Effect.fn.Return<void, Socks5Error["reason"]> {
  const say = (bytes: Uint8Array) => Effect.sync(() => void socket.write(bytes))
  const offered = password === undefined ? "none" : "password"

  yield* say(Wire.greeting(offered))
  yield* Effect.fromResult(Wire.readChoice(yield* hear(socket, 2, "greeting"), offered))
  if (password !== undefined) {
    yield* say(password)
    yield* Effect.fromResult(Wire.readVerdict(yield* hear(socket, 2, "password")))
  }
  yield* say(Wire.request(target))
  yield* Effect.fromResult(Wire.readReply(yield* hear(socket, 2, "request")))
  const length = yield* Effect.fromResult(Wire.readReplyLength(yield* hear(socket, 3, "request")))
  yield* hear(socket, length, "request")
})

/** Exactly the next `count` bytes. What follows them stays in the socket: it is not the proxy's. */
const hear = (socket: Net.Socket, count: number, awaiting: HungUp["awaiting"]): Effect.Effect<Uint8Array, HungUp> =>
  Effect.callback((resume) => {
    const check = () => {
      // Less than was asked for is the rest before the end.
      const bytes: Uint8Array | null = socket.read(count)
      if (bytes === null && !socket.readableEnded && !socket.destroyed) return
      forget()
      resume(bytes?.length === count ? Effect.succeed(bytes) : Effect.fail(new HungUp({ awaiting })))
    }
    const forget = () => void socket.off("readable", check).off("end", check).off("close", check)
    socket.on("readable", check).on("end", check).on("close", check)
    check()
    return Effect.sync(forget)
  })
