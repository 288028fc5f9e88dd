/** What the RPC servers of the live tests can be asked. */
import { ProvenPeer } from "@effect-foolscap/tub/CurrentPeer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

export const protocol = "calls/1"

export const Calls = RpcGroup.make(
  Rpc.make("Echo", { payload: { text: Schema.String }, success: Schema.String }),
  Rpc.make("WhoAmI", { success: Schema.String }),
  /** Who calls, so many times. */
  Rpc.make("WhoAmIStill", { payload: { times: Schema.Int }, success: Schema.String, stream: true }),
  /** Never answers. The server says when it has begun, and when it was interrupted. */
  Rpc.make("Wait", { success: Schema.Void })
).middleware(ProvenPeer)
