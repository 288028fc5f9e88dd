/** What was recorded of Foolscap, as values. What the fields mean is said in ../fixtures/README.md. */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import oldTranscripts from "../fixtures/foolscap-2006/transcripts.json" with { type: "json" }
import rawClient from "../fixtures/foolscap-21.7/raw-client.json" with { type: "json" }
import rawServer from "../fixtures/foolscap-21.7/raw-server.json" with { type: "json" }
import rawTimeouts from "../fixtures/foolscap-21.7/raw-timeouts.json" with { type: "json" }
import recordedTranscripts from "../fixtures/foolscap-21.7/transcripts.json" with { type: "json" }

const Repetition = Schema.Struct({ repeat: Schema.String, times: Schema.Int })

/** Bytes as text of one character each, long repetitions written short. */
const Bytes = Schema.Union([Schema.String, Schema.Array(Schema.Union([Schema.String, Repetition]))]).pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform({
      decode: (recorded) =>
        typeof recorded === "string"
          ? recorded
          : recorded.map((part) => (typeof part === "string" ? part : part.repeat.repeat(part.times))).join(""),
      encode: (bytes) => bytes
    })
  )
)

export const toBytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))
export const fromBytes = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")

const Layer = Schema.Literals(["tcp", "tls"])
/** In clear, or inside TLS. */
export type Layer = typeof Layer.Type

const Said = Schema.Struct({
  n: Schema.Int,
  connection: Schema.Int,
  from: Schema.String,
  phase: Schema.Literals(["PLAINTEXT", "ENCRYPTED", "DECIDING", "BANANA"]),
  layer: Layer,
  bytes: Bytes
})

const Happened = Schema.Struct({
  n: Schema.Int,
  connection: Schema.Int,
  side: Schema.String,
  event: Schema.Literals(["starttls", "switch-to-banana", "negotiation-failed", "close-seen"]),
  error: Schema.optionalKey(Schema.String),
  version: Schema.optionalKey(Schema.Int),
  vocabulary: Schema.optionalKey(Schema.Int),
  seqnum: Schema.optionalKey(Schema.Int),
  remoteIncarnation: Schema.optionalKey(Schema.NullOr(Schema.String))
})

const Note = Schema.Struct({ n: Schema.Int, event: Schema.Literal("note"), note: Schema.String })

const Tables = Schema.Struct({
  master: Schema.Record(Schema.String, Schema.Int),
  slave: Schema.Record(Schema.String, Schema.String),
  brokers: Schema.Array(Schema.String)
})

const Transcript = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  tubs: Schema.Record(
    Schema.String,
    Schema.Struct({ tubId: TubId, incarnation: Schema.String, claims: Schema.optionalKey(TubId) })
  ),
  events: Schema.Array(Schema.Union([Said, Happened, Note])),
  tables: Schema.Record(Schema.String, Tables)
})
export type Transcript = typeof Transcript.Type
export type Said = typeof Said.Type
export type Happened = typeof Happened.Type
export type Note = typeof Note.Type

/** Two or more Foolscap Tubs with each other. */
export const transcripts = Schema.decodeUnknownSync(Schema.Array(Transcript))(recordedTranscripts)

const RawCase = Schema.Struct({
  name: Schema.String,
  note: Schema.optionalKey(Schema.String),
  wanted: Schema.optionalKey(TubId),
  proves: Schema.NullOr(TubId),
  startsTls: Schema.Boolean,
  events: Schema.Array(
    Schema.Struct({
      raw: Schema.Literals(["sent", "received"]),
      layer: Layer,
      bytes: Bytes,
      byteByByte: Schema.optionalKey(Schema.Boolean)
    })
  ),
  end: Schema.String,
  earlierEnd: Schema.optionalKey(Schema.String),
  failure: Schema.Array(Schema.String)
})
export type RawCase = typeof RawCase.Type

const rawCases = Schema.decodeUnknownSync(Schema.Array(RawCase))

/** A scripted client at a Foolscap server. */
export const serverCases = rawCases(rawServer)
/** A scripted server for a Foolscap client. */
export const clientCases = rawCases(rawClient)
/** A scripted client that says nothing, for as long as it takes. */
export const timeoutCases = rawCases(rawTimeouts)

const OldTranscript = Schema.Struct({
  name: Schema.String,
  description: Schema.String,
  events: Schema.Array(
    Schema.Union([
      Schema.Struct({ n: Schema.Int, from: Schema.String, phase: Schema.String, bytes: Bytes }),
      Schema.Struct({ n: Schema.Int, event: Schema.String, side: Schema.String, encrypted: Schema.Boolean })
    ])
  )
})
export type OldTranscript = typeof OldTranscript.Type

/** Two Tubs of 2006 with each other. */
export const oldTranscripts2006 = Schema.decodeUnknownSync(Schema.Array(OldTranscript))(oldTranscripts)
