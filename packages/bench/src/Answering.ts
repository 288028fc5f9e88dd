/** Answering: the worker's side of a contender. One JSON object per line comes in, one goes out for each. */
import { createInterface } from "node:readline"

/** What a worker can be asked, by the `do` of a request; the other fields of the request are the argument. */
export type Answers = { readonly [request: string]: (request: never) => object | Promise<object> }

/** Says who is there, then answers until standard input ends. */
export const answer = async (name: string, answers: Answers): Promise<void> => {
  tell({ name })
  for await (const line of createInterface({ input: process.stdin })) {
    const request: { readonly do: string } = JSON.parse(line)
    const one = answers[request.do]
    if (one === undefined) throw new Error(`${name} cannot ${request.do}`)
    tell(await one(request as never)) // Both sides of a worker are in this package.
  }
}

const tell = (object: object) => process.stdout.write(`${JSON.stringify(object)}\n`)
