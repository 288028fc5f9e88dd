/**
 * The ways to fit a Schema.
 *
 * @since 0.1.0
 */
import type * as SchemaAST from "effect/SchemaAST"

/**
 * These, but of a union its members and of a suspended Schema what it stands for, each once.
 *
 * @category getters
 * @since 0.1.0
 */
export const alternatives = (asts: ReadonlyArray<SchemaAST.AST>): ReadonlyArray<SchemaAST.AST> => {
  const all: Array<SchemaAST.AST> = []
  const seen = new Set<SchemaAST.AST>()
  const collect = (ast: SchemaAST.AST): void => {
    if (seen.has(ast)) return
    seen.add(ast)
    if (ast._tag === "Union") for (const member of ast.types) collect(member)
    else if (ast._tag === "Suspend") collect(ast.thunk())
    else all.push(ast)
  }
  for (const ast of asts) collect(ast)
  return all
}
