// Macros beyond those of cel-js: has() on any expression, comprehensions of two variables, optMap and optFlatMap.
import { Optional } from '@marcbachmann/cel-js';
import type { AstNode, CheckedType, Checker, Evaluator, Scope } from './ast.js';
import { variableName } from './ast.js';

interface MacroCall {
  readonly args: readonly AstNode[];
  readonly receiver: AstNode;
  readonly ast: AstNode;
}

interface Macro extends MacroCall {
  outer?: Scope;
  inner?: Scope;
  readonly async: false;
  typeCheck(checker: Checker, macro: Macro, scope: Scope): CheckedType;
  evaluate(evaluator: Evaluator, macro: Macro, scope: Scope): unknown;
}

export type MacroHandler = (call: MacroCall) => Macro;

/** What `has` does in place of cel-js' own, which knows plain chains of fields only. */
export function presenceMacro(select: AstNode): object {
  const [operand, name] = select.args as [AstNode, string];
  return {
    args: [select],
    async: false,
    typeCheck(checker: Checker, _macro: unknown, scope: Scope): CheckedType {
      const type = checker.check(operand, scope);
      const bare = type.kind === 'optional' ? type.valueType : type;
      const fields = bare?.kind === 'message' ? checker.registry.objectTypes.get(bare.name)?.fields : undefined;
      if (fields && !fields[name]) throw checker.createError('no_such_key', `No such key: ${name}`, select);
      if (bare?.kind === 'primitive') throw checker.createError('cannot_index_type', `Cannot index type '${bare.name}'`, select);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, scope: Scope): boolean {
      const found = evaluator.run(operand, scope);
      const object = found instanceof Optional ? found.orValue(undefined as never) : found;
      if (object instanceof Map) return object.has(name);
      return typeof object === 'object' && object !== null && Object.hasOwn(object, name);
    },
  };
}

function entriesOf(evaluator: Evaluator, collection: unknown, node: AstNode): [unknown, unknown][] {
  if (Array.isArray(collection)) return collection.map((item, index) => [BigInt(index), item]);
  if (collection instanceof Map) return [...collection];
  if (typeof collection === 'object' && collection !== null) return Object.entries(collection);
  throw evaluator.createError('no_such_overload', 'no such overload', node);
}

function checkRange(checker: Checker, macro: Macro, scope: Scope): void {
  const range = checker.check(macro.receiver, scope);
  const dyn = checker.getType('dyn');
  if (range.kind !== 'list' && range.kind !== 'map' && range.kind !== 'dyn')
    throw checker.createError('invalid_comprehension_range', 'not a range', macro.receiver);
  const keyType = range.kind === 'list' ? checker.getType('int') : (range.keyType ?? dyn);
  macro.outer = scope.forkWithVariable(variableName(macro.args[0]), keyType);
  macro.inner = macro.outer.forkWithVariable(variableName(macro.args[1]), range.valueType ?? dyn);
}

function checkPredicate(checker: Checker, node: AstNode, scope: Scope): void {
  const type = checker.check(node, scope);
  if (type.kind !== 'dyn' && type.name !== 'bool') throw checker.createError('invalid_condition_type', 'not a bool', node);
}

/** Calls for each entry with both variables set. */
function* eachEntry(evaluator: Evaluator, macro: Macro, scope: Scope): Generator<{ key: unknown; scope: Scope }> {
  for (const [key, value] of entriesOf(evaluator, evaluator.run(macro.receiver, scope), macro.receiver)) {
    const outer = macro.outer!.reuse(scope).setIterValue(key, evaluator);
    yield { key, scope: macro.inner!.reuse(outer).setIterValue(value, evaluator) };
  }
}

/** all and exists: an error counts only where no other entry decides. */
const quantifier =
  (decisive: boolean): MacroHandler =>
  (call) => ({
    ...call,
    async: false,
    typeCheck(checker, macro, scope) {
      checkRange(checker, macro, scope);
      checkPredicate(checker, macro.args[2]!, macro.inner!);
      return checker.getType('bool');
    },
    evaluate(evaluator, macro, scope) {
      let failure: Error | undefined;
      for (const entry of eachEntry(evaluator, macro, scope)) {
        const result = evaluator.tryEval(macro.args[2]!, entry.scope);
        if (result === decisive) return decisive;
        if (result instanceof Error) failure ??= result;
      }
      if (failure) throw failure;
      return !decisive;
    },
  });

const existsOne: MacroHandler = (call) => ({
  ...quantifier(true)(call),
  evaluate(evaluator, macro, scope) {
    let count = 0;
    for (const entry of eachEntry(evaluator, macro, scope)) if (evaluator.run(macro.args[2]!, entry.scope) === true) count++;
    return count === 1;
  },
});

/** transformList, transformMap and transformMapEntry: filter and transform are the last arguments. */
function transformer(kind: 'list' | 'map' | 'entry'): MacroHandler {
  return (call) => {
    const filter = call.args.length > 3 ? call.args[2] : undefined;
    const transform = call.args.at(-1)!;
    return {
      ...call,
      async: false,
      typeCheck(checker, macro, scope) {
        checkRange(checker, macro, scope);
        if (filter) checkPredicate(checker, filter, macro.inner!);
        const type = checker.check(transform, macro.inner!);
        if (kind === 'entry') return type;
        if (kind === 'list') return checker.registry.getListType(type);
        const range = macro.receiver.checkedType;
        return checker.registry.getMapType(range?.kind === 'list' ? checker.getType('int') : (range?.keyType ?? checker.getType('dyn')), type);
      },
      evaluate(evaluator, macro, scope) {
        const list: unknown[] = [];
        const map = new Map<unknown, unknown>();
        for (const entry of eachEntry(evaluator, macro, scope)) {
          if (filter && evaluator.run(filter, entry.scope) !== true) continue;
          const made = evaluator.run(transform, entry.scope);
          if (kind === 'list') list.push(made);
          else if (kind === 'map') map.set(entry.key, made);
          else for (const [key, value] of entriesOf(evaluator, made, transform)) map.set(key, value);
        }
        return kind === 'list' ? list : map;
      },
    };
  };
}

/** optMap wraps what it makes, optFlatMap makes an optional itself. */
const optional =
  (wraps: boolean): MacroHandler =>
  (call) => ({
    ...call,
    async: false,
    typeCheck(checker, macro, scope) {
      const type = checker.check(macro.receiver, scope);
      if (type.kind !== 'optional' && type.kind !== 'dyn') throw checker.createError('no_matching_overload', 'not an optional', macro.ast);
      macro.inner = scope.forkWithVariable(variableName(macro.args[0]), type.valueType ?? checker.getType('dyn'));
      const made = checker.check(macro.args[1]!, macro.inner);
      return wraps ? checker.registry.getOptionalType(made) : made;
    },
    evaluate(evaluator, macro, scope) {
      const found = evaluator.run(macro.receiver, scope) as Optional;
      if (!found.hasValue()) return Optional.none();
      const made = evaluator.run(macro.args[1]!, macro.inner!.reuse(scope).setIterValue(found.value(), evaluator));
      return wraps ? Optional.of(made) : made;
    },
  });

/** By signature, as cel-js registers them. */
export const macros: Readonly<Record<string, MacroHandler>> = {
  'list.all(ast, ast, ast): bool': quantifier(false),
  'list.exists(ast, ast, ast): bool': quantifier(true),
  'list.existsOne(ast, ast, ast): bool': existsOne,
  'list.exists_one(ast, ast, ast): bool': existsOne,
  'list.transformList(ast, ast, ast): list<dyn>': transformer('list'),
  'list.transformList(ast, ast, ast, ast): list<dyn>': transformer('list'),
  'list.transformMap(ast, ast, ast): map<dyn, dyn>': transformer('map'),
  'list.transformMap(ast, ast, ast, ast): map<dyn, dyn>': transformer('map'),
  'list.transformMapEntry(ast, ast, ast): map<dyn, dyn>': transformer('entry'),
  'list.transformMapEntry(ast, ast, ast, ast): map<dyn, dyn>': transformer('entry'),
  'optional.optMap(ast, ast): optional<dyn>': optional(true),
  'optional.optFlatMap(ast, ast): optional<dyn>': optional(false),
};
