/**
 * The SQLite that comes with Node, as far as a cluster's storage needs it. In a program of your own take a package such as
 * `@effect/sql-pg`, or `@effect/sql-sqlite-node`; this one spares the example a dependency.
 */
import { Effect, Layer, Semaphore, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "effect/sql"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"

/** A database in a file, which several processes may have open. Each waits up to 5 s while another one writes. */
export const layer = (path: string): Layer.Layer<SqlClient.SqlClient> =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.gen(function* () {
      const database = yield* Effect.acquireRelease(
        Effect.sync(() => new DatabaseSync(path, { timeout: 5000 })),
        (open) => Effect.sync(() => open.close())
      )
      const query = (sql: string, params: ReadonlyArray<unknown>, returnArrays: boolean) =>
        Effect.try({
          try: () => {
            const statement = database.prepare(sql)
            statement.setReturnArrays(returnArrays)
            // A statement's parameters are what SQLite knows, or it throws.
            return statement.all(...(params as ReadonlyArray<SQLInputValue>))
          },
          catch: (cause) => new SqlError.SqlError({ reason: SqlError.classifySqliteError(cause) })
        })
      const rows = (sql: string, params: ReadonlyArray<unknown>) => query(sql, params, false)
      type Rows = ReadonlyArray<ReadonlyArray<unknown>>
      const values = (sql: string, params: ReadonlyArray<unknown>) =>
        Effect.map(query(sql, params, true), (found) => found as unknown as Rows) // arrays, which the types do not know
      const connection: SqlConnection.Connection = {
        execute: rows,
        executeRaw: rows,
        executeUnprepared: rows,
        executeStream: (sql, params) => Stream.fromIterableEffect(rows(sql, params)),
        executeValues: values,
        executeValuesUnprepared: values
      }
      return yield* SqlClient.make({
        ...SqlClient.makeSqliteAcquirers({
          connection: Effect.succeed(connection),
          semaphore: Semaphore.makeUnsafe(1),
          isTransaction: () => database.isTransaction
        }),
        compiler: Statement.makeCompilerSqlite(),
        driver: "node:sqlite",
        beginTransaction: "BEGIN IMMEDIATE",
        spanAttributes: []
      })
    })
  ).pipe(Layer.provide(Reactivity.layer))
