/** Calls: what is called in the benchmark of `effect/rpc`. */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"

export class Echo extends RpcGroup.make(
  Rpc.make("Echo", { payload: { text: Schema.String }, success: Schema.String })
) {}
