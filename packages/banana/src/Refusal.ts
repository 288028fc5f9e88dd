/**
 * How the code under `BananaDecoder` and `BananaEncoder` gives up: it throws one of these, and the two catch it.
 *
 * No stack is taken, so that a peer cannot make refusing costly. `Violation` and `BananaError`, which have the place too,
 * are made where it is known.
 *
 * @since 0.1.0
 */

/**
 * Content that is refused: the object is dropped, the link goes on (B17).
 *
 * @category models
 * @since 0.1.0
 */
export class Refused {
  readonly text: string
  /** Where it was, from the inside out, if it was to be sent: each slicer on the way adds what it was at. */
  readonly places: Array<string> = []
  constructor(text: string) {
    this.text = text
  }
}

/**
 * What was thrown on, with one more place around it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const within = (place: () => string, cause: unknown): unknown => {
  if (cause instanceof Refused) cause.places.push(place())
  return cause
}

/**
 * A broken protocol: the link ends (B18).
 *
 * @category models
 * @since 0.1.0
 */
export class Broken {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * Refuses content.
 *
 * @category constructors
 * @since 0.1.0
 */
export const refuse = (text: string): never => {
  throw new Refused(text)
}

/**
 * Ends the link.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fail = (text: string): never => {
  throw new Broken(text)
}
