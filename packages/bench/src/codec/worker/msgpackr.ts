/** `msgpackr` as a contender, in plain MessagePack or, if the first argument is `records`, in its own extension of it. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Packr } from "msgpackr"
import type { Plain } from "../Values.ts"
import { serve } from "./Serving.ts"

const useRecords = process.argv[2] === "records"
const packr = new Packr({ useRecords })
const nothing = new Uint8Array(0)

const manifest = fileURLToPath(new URL("./package.json", import.meta.resolve("msgpackr")))
const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, "utf8"))

await serve<Plain>({
  name: `msgpackr ${version}${useRecords ? " with records" : ""}, Node ${process.versions.node}`,
  streams: false,
  carries: () => true,
  from: (plain) => plain,
  encode: (value) => [packr.pack(value)],
  decode: ([bytes = nothing]) => packr.unpack(bytes),
  to: (value) => value
})
