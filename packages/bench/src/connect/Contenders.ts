/** Contenders: who makes links, with which keys. */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { KeyKind } from "@effect-foolscap/node/Certificate"
import { type Contender, startPython, startWorker } from "../Contender.ts"

export interface Entry {
  readonly label: string
  readonly key: KeyKind
  /** Knows Tubs, so that it can be met by any other that does. */
  readonly speaks: "foolscap" | "tls" | "libp2p"
  /** How many links at once it is measured with, in two processes and in one. */
  readonly two: ReadonlyArray<number>
  readonly one: ReadonlyArray<number>
  readonly start: () => Promise<Contender>
}

const plain = (protocol: "negotiated" | "bare", settings: "ours" | "default") => () =>
  startWorker("connect/worker/plain.ts", protocol, settings)
const tub = () => startWorker("connect/worker/tub.ts")
const python = () => startPython("connect.py")
const libp2p = (encryption: "noise" | "tls") => () => startWorker("../libp2p/worker.mjs", encryption)

const all = [1, 16, 64]
const some = [16]
const none: ReadonlyArray<number> = []

const ours: Entry = { label: "ours", key: "p256", speaks: "foolscap", two: all, one: all, start: tub }
const negotiated: Entry = { ...ours, label: "plain Node, same bytes", start: plain("negotiated", "ours") }
const bare: Entry = { ...ours, label: "node:tls, our settings", speaks: "tls", one: none, start: plain("bare", "ours") }

/** The first is ours. libp2p's packages are not the project's, and stand apart. */
const entries: ReadonlyArray<Entry> = [
  ours,
  negotiated,
  bare,
  { ...bare, label: "node:tls, its own settings", one: some, start: plain("bare", "default") },
  ...(["rsa2048", "ed25519"] as const).flatMap((key) =>
    [ours, negotiated, bare].map((entry) => ({ ...entry, key, two: some, one: none }))
  ),
  { label: "Foolscap", key: "rsa2048", speaks: "foolscap", two: all, one: some, start: python },
  { label: "Foolscap", key: "p256", speaks: "foolscap", two: some, one: none, start: python }
]

/** Ed25519 is their own choice. */
const libp2ps: ReadonlyArray<Entry> = [
  { label: "libp2p, noise", key: "ed25519", speaks: "libp2p", two: all, one: some, start: libp2p("noise") },
  { label: "libp2p, tls", key: "ed25519", speaks: "libp2p", two: some, one: none, start: libp2p("tls") }
]

const isInstalled = existsSync(fileURLToPath(new URL("../../libp2p/node_modules/libp2p", import.meta.url)))

export const present: ReadonlyArray<Entry> = isInstalled ? [...entries, ...libp2ps] : entries

export const missing: ReadonlyArray<string> = isInstalled
  ? []
  : ["libp2p is not here: `npm ci --prefix packages/bench/libp2p` brings it."]

export const nameOf = ({ key, label }: Pick<Entry, "key" | "label">): string => `${label}, ${keyNames[key]}`

export const keyNames: { readonly [key in KeyKind]: string } = {
  p256: "P-256",
  rsa2048: "RSA-2048",
  ed25519: "Ed25519"
}
