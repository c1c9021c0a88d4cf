// The environment that expressions are compiled in: Kubernetes' functions, and variables of declared types.
import { Environment } from '@marcbachmann/cel-js';
import type { AstNode, CheckedType } from './ast.js';
import { callOf, visit } from './ast.js';
import { type CompiledExpression, compiledExpression } from './compiled-expression.js';
import type { DeclaredType, ObjectType } from './declared-type.js';
import { compilationProblem, functionName, problemAt, standIns } from './expression-error.js';
import { formatCheck } from './formats.js';
import { addressLibrary } from './libraries/addresses.js';
import { formatLibrary } from './libraries/formats.js';
import type { Library } from './libraries/library.js';
import { listLibrary } from './libraries/lists.js';
import { quantityLibrary } from './libraries/quantity.js';
import { semverLibrary } from './libraries/semver.js';
import { textLibrary } from './libraries/texts.js';
import { urlLibrary } from './libraries/urls.js';
import { type MacroHandler, macros, presenceMacro } from './macros.js';
import { patternOf } from './patterns.js';
import { sameValue, type TypedClass, TypedObject, typedValue } from './values.js';

const libraries: readonly Library[] = [listLibrary, textLibrary, urlLibrary, quantityLibrary, addressLibrary, formatLibrary, semverLibrary];

let base: { environment: Environment; names: ReadonlySet<string> } | undefined;

/** The environment without variables; made once. */
function baseEnvironment(): NonNullable<typeof base> {
  if (base) return base;
  const environment = new Environment({ enableOptionalTypes: true, unlistedVariablesAreDyn: false });
  for (const library of libraries) library(environment);
  for (const [signature, handler] of Object.entries(macros)) environment.registerFunction(signature, handler as MacroHandler & (() => unknown));
  base = { environment, names: new Set(environment.getDefinitions().functions.map(({ name }) => name)) };
  return base;
}

const scalarNames: Readonly<Record<string, string>> = { timestamp: 'google.protobuf.Timestamp', duration: 'google.protobuf.Duration' };

/** A declared type as cel-js writes it. */
function typeName(type: DeclaredType): string {
  switch (type.kind) {
    case 'scalar':
      return scalarNames[type.name] ?? type.name;
    case 'list':
      return `list<${typeName(type.items)}>`;
    case 'map':
      return `map<string, ${typeName(type.values)}>`;
    case 'object':
      return type.name;
    case 'optional':
      return `optional<${typeName(type.value)}>`;
  }
}

export type Variables = Readonly<Record<string, DeclaredType>>;

/** An expression that compiled, or what keeps it from compiling, in upstream's words. */
export type Compilation = { readonly expression: CompiledExpression } | { readonly problem: string };

export class ExpressionEnvironment {
  readonly variables: Variables;
  private readonly environment: Environment;
  private readonly classes: Map<string, TypedClass>;

  /** `parent`: has its variables, types and functions as well; values of its types are values of these. */
  constructor(variables: Variables, { libraries: extra = [], parent }: { libraries?: readonly Library[]; parent?: ExpressionEnvironment } = {}) {
    this.variables = { ...parent?.variables, ...variables };
    this.environment = (parent?.environment ?? baseEnvironment().environment).clone();
    this.classes = new Map(parent?.classes);
    for (const library of extra) library(this.environment);
    for (const type of Object.values(variables)) this.register(type);
    for (const [name, type] of Object.entries(variables)) this.environment.registerVariable(name, typeName(type));
  }

  /** JSON as a value of a declared type of this environment. */
  valueOf(json: unknown, type: DeclaredType): unknown {
    return typedValue(json, type, { classes: this.classes, durationOf });
  }

  /** An object of a declared type whose fields are made when they are read. */
  lazyObject({ name, fields }: ObjectType, read: (field: string) => unknown): unknown {
    const object = new (this.classes.get(name) ?? TypedObject)();
    object.get = read;
    object.has = (field) => fields.has(field);
    return object;
  }

  compile(text: string): Compilation {
    const knows = (name: string): boolean => baseEnvironment().names.has(name);
    let root: AstNode | undefined;
    try {
      const parsed = this.environment.parse(text);
      root = parsed.ast as unknown as AstNode;
      prepare(root);
      const checked = parsed.check();
      if (!checked.valid) return { problem: compilationProblem(checked.error, text, { root, knows }) };
      const literal = literalProblem(root);
      if (literal !== undefined) return { problem: literal };
      return { expression: compiledExpression({ text, root, type: root.checkedType as CheckedType, variables: this.variables, run: parsed }) };
    } catch (error) {
      return { problem: compilationProblem(error, text, { ...(root && { root }), knows }) };
    }
  }

  private register(type: DeclaredType): void {
    if (type.kind === 'list') this.register(type.items);
    else if (type.kind === 'map') this.register(type.values);
    else if (type.kind === 'optional') this.register(type.value);
    else if (type.kind === 'object' && !this.classes.has(type.name)) this.registerObject(type);
  }

  private registerObject({ name, fields }: ObjectType): void {
    const ctor = class extends TypedObject {};
    this.classes.set(name, ctor);
    for (const { type } of fields.values()) this.register(type);
    const fieldTypes = Object.fromEntries([...fields].map(([identifier, { type }]) => [identifier, typeName(type)]));
    this.environment.registerType(name, { ctor, fields: fieldTypes });
    this.environment.registerOperator(`${name} == ${name}`, sameObject);
  }
}

const durationOf = (text: string): unknown => baseEnvironment().environment.evaluate(`duration(${JSON.stringify(text)})`);

function sameObject(left: unknown, right: unknown): boolean {
  return sameValue(left, right);
}

/** Puts our own functions and macros where cel-js' differ from upstream's. */
function prepare(root: AstNode): void {
  visit(root, (node) => {
    const call = callOf(node);
    if (!call) return;
    if (node.op === 'call' && call.name === 'has' && call.args.length === 1 && call.args[0]!.op === '.')
      node.setMeta('macro', presenceMacro(call.args[0]!));
    const standIn = call.receiver && standIns[call.name];
    if (standIn) (node.args as unknown[])[0] = standIn;
    const [list] = call.args;
    if (call.receiver && call.name === 'format' && list?.op === 'list') list.setMeta('check', checkMixedList);
  });
}

/** Texts that stand in an expression and can never be read are told of at once. */
function literalProblem(root: AstNode): string | undefined {
  let problem: string | undefined;
  visit(root, (node) => {
    const call = callOf(node);
    const literal = call?.args[0];
    if (!call || literal?.op !== 'value' || typeof literal.args !== 'string') return;
    if (!isReadable(call.name, literal.args)) problem ??= problemAt(literal, `invalid ${functionName(call.name)} argument`);
  });
  return problem;
}

function isReadable(name: string, text: string): boolean {
  if (name === standIns['matches']) return !('problem' in patternOf(text));
  if (name === 'timestamp') return formatCheck('date-time')!(text);
  return name !== 'duration' || formatCheck('duration')!(text);
}

/** The arguments of format() may be of different types. */
const checkMixedList: (
  checker: { check(node: AstNode, scope: unknown): CheckedType; getType(name: string): CheckedType },
  node: AstNode,
  scope: unknown,
) => CheckedType = (checker, node, scope) => {
  for (const item of node.args as AstNode[]) checker.check(item, scope);
  return checker.getType('list<dyn>');
};
