/** Plain Node as a contender. The arguments are the protocol and the settings of a `Style`. */
import { type Style, plainDialler } from "../PlainDialler.ts"
import { serve } from "../Serving.ts"

const [, , protocol, settings] = process.argv
await serve(plainDialler({ protocol, settings } as Style)) // as the part starts it
