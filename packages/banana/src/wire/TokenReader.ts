/**
 * Tokens as values, for whoever looks at a stream itself and not at what it means.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import { BananaError } from "../BananaError.ts"
import { Broken } from "../Refusal.ts"
import { copyOf } from "./Bytes.ts"
import { type Header, TokenDecoder } from "./TokenDecoder.ts"
import { ABORT, CLOSE, ERROR, FLOAT, OPEN, PING, PONG, STRING, VOCAB } from "./TokenType.ts"

/**
 * One token: its type byte (`TokenType`), and what it carries. STRING and ERROR carry bytes, NEG and LONGNEG a negative number.
 *
 * @category models
 * @since 0.1.0
 */
export interface Token {
  readonly type: number
  readonly value: Header | Uint8Array
}

/**
 * Finds the tokens of a stream, of whatever length and in whatever order. A `BananaDecoder` finds the same ones, and stores
 * none that it would refuse.
 *
 * @category models
 * @since 0.1.0
 */
export class TokenReader {
  private tokens: Array<Token> = []
  private broken: BananaError | undefined
  private readonly decoder: TokenDecoder

  constructor() {
    const add = (type: number, value: Token["value"]): void => void this.tokens.push({ type, value })
    const marked = (type: number) => (value: Header) => add(type, value)
    const text = (type: number) => (source: Uint8Array, start: number, end: number) =>
      add(type, copyOf(source, start, end))
    this.decoder = new TokenDecoder({
      admit: () => true,
      integer: add,
      float: marked(FLOAT),
      string: text(STRING),
      vocab: marked(VOCAB),
      open: marked(OPEN),
      close: marked(CLOSE),
      abort: marked(ABORT),
      ping: marked(PING),
      pong: marked(PONG),
      error: text(ERROR),
      unknown: () => {}
    })
  }

  /** The tokens that are complete with these bytes. Fails, then and ever after, behind the last token before a broken one. */
  push(chunk: Uint8Array): Result.Result<ReadonlyArray<Token>, BananaError> {
    if (this.broken !== undefined) return Result.fail(this.broken)
    this.tokens = []
    try {
      this.decoder.push(chunk)
    } catch (cause) {
      if (!(cause instanceof Broken)) throw cause
      this.broken = new BananaError({ where: "<tokens>", reason: cause.text })
      if (this.tokens.length === 0) return Result.fail(this.broken)
    }
    return Result.succeed(this.tokens)
  }
}
