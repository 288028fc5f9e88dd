/** The contender that this project is. */
import * as Ours from "./Ours.ts"
import { serve } from "./Serving.ts"

await serve({ ...Ours, name: `effect-foolscap, Node ${process.versions.node}`, streams: true, carries: () => true })
