/** Every stream of the fixtures, whichever way it went. */
import type { Table } from "../Stream.ts"
import { decoded, streams, unsendable, vectors } from "./Fixtures.ts"

export interface Recorded {
  readonly name: string
  readonly bytes: Uint8Array
  readonly table: Table
}

/** One value each. */
export const values: ReadonlyArray<Recorded> = vectors.flatMap(({ name, table0, table1 }) => [
  { name: `${name} with table 0`, bytes: table0, table: 0 },
  { name: `${name} with table 1`, bytes: table1, table: 1 }
])

/** Whatever else was sent or received. */
export const others: ReadonlyArray<Recorded> = [
  ...vectors.flatMap(({ in_call_table1: bytes, name }) =>
    bytes === undefined ? [] : [{ name: `a call with ${name}`, bytes, table: 1 } as const]
  ),
  ...streams.map(({ hex: bytes, name, table }) => ({ name: `${name} with table ${table}`, bytes, table })),
  ...unsendable.map(({ hex: bytes, kind, name }) => ({ name: `${name} as ${kind}`, bytes, table: 1 }) as const),
  ...decoded.map(({ hex: bytes, name }) => ({ name, bytes, table: name.endsWith("with table 0") ? 0 : 1 }) as const)
]

export const recorded: ReadonlyArray<Recorded> = [...values, ...others]
