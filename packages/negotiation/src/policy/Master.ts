/**
 * Who decides: the side with the higher TubId.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Schema from "effect/Schema"

/**
 * Who opened the connection (`client`) and who accepted it (`server`).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Side = Schema.Literals(["client", "server"])

/**
 * One of the two sides of a connection.
 *
 * @category models
 * @since 0.1.0
 */
export type Side = typeof Side.Type

/**
 * Who decides (`Master`) and who obeys or hangs up (`NonMaster`).
 *
 * @category schemas
 * @since 0.1.0
 */
export const Role = Schema.Literals(["Master", "NonMaster"])

/**
 * One of the two roles in a negotiation.
 *
 * @category models
 * @since 0.1.0
 */
export type Role = typeof Role.Type

/**
 * Our role in this connection (N17): the higher TubId is the Master, and on a tie the server. An anonymous peer has no
 * TubId, which is lower than any.
 *
 * TubIds compare as ASCII text, so digits sort below letters; that is not the order of the digests. Foolscap documents
 * the tie and then compares with `>` alone, so two equal ids leave both sides waiting for a Decision. Taking the
 * documented rule costs nothing and ends the wait.
 *
 * @category policies
 * @since 0.1.0
 */
export const roleOf = (side: Side, ours: TubId, theirs: TubId | undefined): Role =>
  theirs === undefined || ours > theirs || (ours === theirs && side === "server") ? "Master" : "NonMaster"
