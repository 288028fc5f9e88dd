/** The contender that this project is. */
import { serve } from "../Serving.ts"
import { tubDialler } from "../TubDialler.ts"

await serve(tubDialler)
