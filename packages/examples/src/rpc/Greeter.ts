/** What the server and its clients both know: what can be called, and the name under which two Tubs agree to speak it. */
import { ProvenPeer } from "@effect-foolscap/tub/CurrentPeer"
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"

export const protocol = "greeter/1"

export class Greeter extends RpcGroup.make(
  Rpc.make("Greet", { payload: { name: Schema.String }, success: Schema.String }),
  Rpc.make("CountDown", { payload: { from: Schema.Int }, success: Schema.Int, stream: true })
).middleware(ProvenPeer) {}
