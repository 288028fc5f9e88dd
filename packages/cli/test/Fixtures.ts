/** Two Tubs that Foolscap made. Their keys are public: see fixtures/README.md. */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as Effect from "effect/Effect"
import { chmodSync, readFileSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const tub = (name: string, tubId: string) => {
  const file = fileURLToPath(new URL(`fixtures/${name}.pem`, import.meta.url))
  // git does not keep this, and the command warns its user of a key that others can read.
  if (statSync(file).uid === process.getuid?.()) chmodSync(file, 0o600)
  return {
    file,
    tubId: TubId.make(tubId),
    identity: Effect.orDie(Effect.suspend(() => Certificate.fromPem(readFileSync(file, "utf8"))))
  }
}

/** Its TubId is the lower one: it never decides. */
export const low = tub("low", "bkwv3voln2kkwhxhkj5bhsjw7n7qvlet")
/** Its TubId is the higher one: it is Master towards `low`. */
export const high = tub("high", "p34dey6aut5fvfk7jekonycc7apozbhf")
