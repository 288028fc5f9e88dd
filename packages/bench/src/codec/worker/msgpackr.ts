/**
 * `msgpackr` as a contender: in plain MessagePack, or in one of its own extensions, which the first argument names. `records`
 * say the shape of objects once; `references` find what is shared, as Banana does.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Packr } from "msgpackr"
import type { Plain } from "../Values.ts"
import { serve } from "./Serving.ts"

const extension = process.argv[2]
const packr = new Packr({ useRecords: extension === "records", structuredClone: extension === "references" })
const nothing = new Uint8Array(0)

const manifest = fileURLToPath(new URL("./package.json", import.meta.resolve("msgpackr")))
const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, "utf8"))

await serve<Plain>({
  name: `msgpackr ${version}${extension === undefined ? "" : ` with ${extension}`}, Node ${process.versions.node}`,
  streams: false,
  carries: () => true,
  from: (plain) => plain,
  encode: (value) => [packr.pack(value)],
  decode: ([bytes = nothing]) => packr.unpack(bytes),
  to: (value) => value
})
