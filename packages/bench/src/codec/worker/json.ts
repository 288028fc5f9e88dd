/** JSON as a contender: from a value to the bytes of its text, and back. */
import { kinds, type Plain } from "../Values.ts"
import { serve } from "./Serving.ts"

const utf8 = new TextDecoder()

await serve<Plain>({
  name: `JSON, Node ${process.versions.node}`,
  streams: false,
  carries: (name) => !kinds[name].bytes,
  from: (plain) => plain,
  encode: (value) => [Buffer.from(JSON.stringify(value))],
  decode: ([bytes]) => JSON.parse(utf8.decode(bytes)),
  to: (value) => value
})
