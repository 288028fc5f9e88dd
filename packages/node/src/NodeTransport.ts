/**
 * The `Transport` port over `node:net` and `node:tls`.
 *
 * ```text
 *   Net.Socket ──▶ Wire ──▶ PlainTransport
 *       │                      startTls
 *   TLSSocket  ──▶ Wire ──▶ SecureTransport
 * ```
 *
 * The Scope that a transport was made in owns the socket. When it closes, the TLS layer and the socket are destroyed,
 * and the Scope's close ends only when the handle is gone.
 *
 * TLS proves nothing here but that the peer holds the key of the certificate it shows. Who that is follows from the
 * certificate's hash, which the caller compares: no authority, host name, date or session plays a part.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { PlainTransport, SecureTransport, Transport } from "@effect-foolscap/negotiation/Transport"
import { TransportError } from "@effect-foolscap/negotiation/TransportError"
import type { Address } from "@effect-foolscap/tub/Endpoint"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as Tls from "node:tls"
import { refusedKeyOf, tubIdOf } from "./Certificate.ts"
import { secureContextOf, type TlsRange, TlsVersions } from "./SecureContext.ts"
import { Wire } from "./Wire.ts"

/**
 * Takes over a connected socket. The Scope destroys it. `remoteAddress` is for sockets without an address of their own.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSocket = (
  raw: Net.Socket,
  remoteAddress?: string
): Effect.Effect<PlainTransport, never, Scope.Scope> =>
  Effect.map(own(Effect.sync(() => raw.setNoDelay(true))), (connection) => plain(connection, remoteAddress))

/**
 * What is between a socket and the other end: a proxy, with which there is something to settle first.
 *
 * @category models
 * @since 0.1.0
 */
export interface Passage<E> {
  /** The other end of the passage, for people. */
  readonly remoteAddress: string
  /**
   * Brings the connected socket through. Bytes that it does not read from the socket are the first ones of the transport.
   * It listens only for as long as it runs; errors and destruction are the transport's concern.
   */
  readonly negotiate: (raw: Net.Socket) => Effect.Effect<void, E>
}

/**
 * Connects to a TCP port or a Unix domain socket. `host` is a name or an address, IPv6 without brackets, perhaps with a
 * zone. A name is looked up for both address families, and its addresses are tried one after another until one answers.
 * There is no time limit: interrupt it to give up.
 *
 * Fails with what Node reports, with a message that names the address (`connect ECONNREFUSED 127.0.0.1:1`), or with what
 * stops it on the way through a `Passage`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const connect = <E = never>(
  address: Address,
  passage?: Passage<E>
): Effect.Effect<PlainTransport, Error | E, Scope.Scope> =>
  own(
    Effect.try({
      // Throws for a port beyond 65535, which a FURL may well hold.
      try: () => Net.connect(optionsOf(address)),
      catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
    })
  ).pipe(
    Effect.tap(connected),
    Effect.tap(({ raw }) => passage?.negotiate(raw) ?? Effect.void),
    Effect.map((connection) =>
      plain(connection, passage?.remoteAddress ?? ("path" in address ? address.path : undefined))
    )
  )

const optionsOf = (address: Address): Net.NetConnectOpts => {
  if ("path" in address) return { path: address.path }
  const { host, port } = address
  // Node gives an address up after that many milliseconds if there is another one to try. By default it is a quarter of a
  // second; a first packet that was lost is sent again after a whole one.
  return { host, port, noDelay: true, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1500 }
}

/** A socket, and the wire that speaks for it: its own, then the one of the TLS layer above it. */
interface Connection {
  readonly raw: Net.Socket
  wire: Wire
}

const own = <E>(open: Effect.Effect<Net.Socket, E>): Effect.Effect<Connection, E, Scope.Scope> =>
  Effect.uninterruptible(
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.flatMap(open, (raw) => {
        const connection: Connection = { raw, wire: new Wire(raw) }
        return Effect.as(Scope.addFinalizer(scope, drop(connection)), connection)
      })
    )
  )

// All that the Scope keeps is the connection.
const drop = (connection: Connection) =>
  Effect.suspend(() => {
    connection.wire.destroy()
    return connection.wire.closed()
  })

const connected = ({ raw, wire }: Connection) =>
  Effect.callback<void, Error>((resume) => {
    const forget = () => void raw.off("connect", onConnect).off("close", onClose)
    const onConnect = () => {
      forget()
      resume(Effect.void)
    }
    // An error closes the socket, and so does the Scope.
    const onClose = () => {
      forget()
      const cause = wire.error?.cause
      resume(Effect.fail(cause instanceof Error ? describable(cause) : new Error("closed while connecting")))
    }
    raw.on("connect", onConnect).on("close", onClose)
    return Effect.sync(() => {
      forget()
      wire.destroy()
    })
  })

// A name with several addresses fails with one error for each, under an AggregateError whose own message is empty.
const describable = (error: Error): Error =>
  error instanceof AggregateError
    ? new Error(error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join(", "), {
        cause: error
      })
    : error

const transport = (remoteAddress: string, wire: Wire): Transport => ({
  remoteAddress,
  pull: Effect.suspend(() => wire.pull()),
  ended: Effect.suspend(() => wire.ended()),
  write: (bytes) => Effect.suspend(() => wire.write(bytes)),
  flush: Effect.suspend(() => wire.flush()),
  finish: Effect.suspend(() => wire.finish()),
  close: Effect.suspend(() => wire.close()),
  destroy: Effect.sync(() => wire.destroy())
})

const plain = (connection: Connection, remoteAddress = remoteAddressOf(connection.raw)): PlainTransport => {
  return {
    ...transport(remoteAddress, connection.wire),
    // A socket that is under TLS by now is ended by TLS, or its peer would miss the close_notify.
    finish: Effect.suspend(() => connection.wire.finish()),
    close: Effect.suspend(() => connection.wire.close()),
    destroy: Effect.sync(() => connection.wire.destroy()),
    startTls: Effect.fnUntraced(
      function* (options): Effect.fn.Return<SecureTransport, TransportError> {
        const versions = yield* TlsVersions
        if (connection.wire.error !== undefined) return yield* inHandshake(connection.wire.error)
        const proven = yield* handshake(connection, options, versions)
        return { ...transport(remoteAddress, connection.wire), proven }
      },
      Effect.onInterrupt(() => Effect.sync(() => connection.wire.destroy()))
    )
  }
}

const remoteAddressOf = (raw: Net.Socket): string => {
  const { remoteAddress, remoteFamily, remotePort } = raw
  // Node forgets the address of a socket that its peer has already reset.
  if (remoteAddress === undefined) return "a peer that has gone"
  return remoteFamily === "IPv6" ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`
}

type TlsOptions = Parameters<PlainTransport["startTls"]>[0]

const wrap = ({ raw, wire }: Connection, options: TlsOptions, versions: TlsRange): Tls.TLSSocket => {
  const common = {
    secureContext: secureContextOf(options.credentials, versions),
    // Accepts any certificate. For a raw server TLSSocket Node would not check one if asked to.
    rejectUnauthorized: false
  }
  wire.release()
  // The TLS engine reads what lies in the socket's buffer before it reads the socket.
  if (options.early.length > 0) raw.unshift(options.early)
  return options.side === "client"
    ? Tls.connect({ ...common, socket: raw })
    : new Tls.TLSSocket(raw, { ...common, isServer: true, requestCert: true })
}

const handshake = (connection: Connection, options: TlsOptions, versions: TlsRange) =>
  Effect.callback<TubId | undefined, TransportError>((resume) => {
    const failed = (cause: unknown) => {
      connection.wire.destroy()
      resume(Effect.fail(new TransportError({ kind: "tls", cause })))
    }
    let tls: Tls.TLSSocket
    try {
      tls = wrap(connection, options, versions)
    } catch (cause) {
      // It may have been given up already.
      connection.wire.release()
      connection.wire = new Wire(connection.raw)
      return failed(cause)
    }
    const wire = new Wire(tls)
    connection.wire = wire
    const onSecure = () => {
      stopWatching()
      // On a client, reading the certificate consumes it: this is the only time.
      const certificate = tls.getPeerX509Certificate()
      if (certificate === undefined) return resume(Effect.undefined)
      const tubId = tubIdOf(certificate.raw)
      const weak = refusedKeyOf(tubId, certificate)
      if (weak === undefined) return resume(Effect.succeed(tubId))
      wire.destroy()
      failed(new Error(`the peer's certificate has a ${weak} key, which proves nothing`))
    }
    // A peer that just leaves causes no error, only an end.
    const onGone = () => {
      tls.off("secure", onSecure)
      const error = wire.error ?? new TransportError({ kind: "eof" })
      wire.destroy()
      resume(Effect.fail(inHandshake(error)))
    }
    const stopWatching = wire.onceEnded(onGone)
    // Both roles emit 'secure'. 'secureConnect' and 'secureConnection' each exist on one side only.
    tls.once("secure", onSecure)
    return Effect.sync(() => {
      stopWatching()
      tls.off("secure", onSecure)
    })
  })

/** What the end of a connection means to a handshake: that it failed, unless we ended it ourselves. */
const inHandshake = (error: TransportError): TransportError => {
  if (error.kind === "closed") return error
  const cause = error.cause ?? new Error("the peer closed the connection during the handshake")
  return new TransportError({ kind: "tls", cause })
}
