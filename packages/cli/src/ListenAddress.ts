/**
 * What `--listen` takes, in Foolscap's notation: `tcp:PORT` or `tcp:PORT:interface=ADDR`.
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Os from "node:os"

/**
 * Where to listen. Without an interface on every IPv4 address of this machine, as Foolscap does. Port 0 is any free one.
 */
export const ListenAddress = Schema.String.check(
  Schema.isPattern(/^tcp:\d{1,5}(:interface=[^,/ ]+)?$/, {
    message: "expected tcp:PORT or tcp:PORT:interface=ADDR, for example tcp:0:interface=127.0.0.1"
  })
).pipe(
  Schema.decodeTo(
    Schema.Struct({
      host: Schema.String,
      port: Schema.Int.check(
        Schema.isBetween({ minimum: 0, maximum: 65535 }, { message: "expected a port from 0 to 65535" })
      )
    }),
    SchemaTransformation.transform({
      decode: (text) => {
        const [, port, host = anyIpv4] = /^tcp:(\d+)(?::interface=(.+))?$/.exec(text) ?? []
        return { host: host.replace(/^\[(.*)\]$/, "$1").replaceAll("\\:", ":"), port: Number(port) }
      },
      encode: ({ host, port }) => `tcp:${port}:interface=${host}`
    })
  )
)

const anyIpv4 = "0.0.0.0"

/**
 * The hints under which others reach this address, as far as this machine can tell: the address itself, or for a
 * wildcard every address of the machine, loopback last.
 */
export const hintsOf = (address: { readonly host: string; readonly port: number }) => {
  if (address.host !== anyIpv4 && address.host !== "::") return [LocationHint.tcp(address.host, address.port)]
  const ipv4 = Object.values(Os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
  return [...ipv4.map(({ address }) => address), "127.0.0.1"].map((host) => LocationHint.tcp(host, address.port))
}
