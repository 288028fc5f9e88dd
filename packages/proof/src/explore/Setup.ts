/**
 * What is explored: who dials how often over how many hints, and what may go wrong on one path.
 */
import { TubId } from "@effect-foolscap/furl/TubId"

/** `high` has the higher TubId: it is the Master of every connection between the two (N17). */
export type Name = "low" | "high"

export const names: ReadonlyArray<Name> = ["low", "high"]

export const otherThan = (name: Name): Name => (name === "low" ? "high" : "low")

export const tubIds: Readonly<Record<Name, TubId>> = {
  low: TubId.make("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet"),
  high: TubId.make("p34dey6aut5fvfk7jekonycc7apozbhf")
}

/** What an impostor proves, whatever it claims. */
export const stranger: TubId = TubId.make("jinw3en2s7a66cih7qmxx5dxibwz5fhl")

/** Who hears of it when a connection is lost. */
export type Loss = "everybody" | "nobody" | "client" | "server"

/** The bounds of one exploration. Within them every order of events is tried, to the end. */
export interface Setup {
  readonly name: string
  /** How often each dials, at any moment and also while it has a link. */
  readonly dials: Readonly<Record<Name, number>>
  /** How many hints each dial tries at once, so how many connections it opens. */
  readonly hints: Readonly<Record<Name, number>>
  /** How many connections may be lost, and who may hear of each. */
  readonly losses: number
  readonly heardBy: ReadonlyArray<Loss>
  /** How often each may be killed and started again. */
  readonly restarts: Readonly<Record<Name, number>>
  /** How often time may pass its next timer, on each side's own clock. */
  readonly delays: Readonly<Record<Name, number>>
  /** Whose certificate is not the one that its TubId is the digest of. */
  readonly impostor?: Name
}
