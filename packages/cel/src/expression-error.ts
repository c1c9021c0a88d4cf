// What is wrong with an expression, or went wrong when it ran, in the words of upstream's CEL.
import { TypeError as CheckError, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { type AstNode, type CheckedType, callOf, isNode } from './ast.js';

/** An error of Kubernetes' own functions, in upstream's words. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/** The evaluation cost more than it may. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';

  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

const typeNames: Readonly<Record<string, string>> = {
  'google.protobuf.Timestamp': 'timestamp',
  'google.protobuf.Duration': 'duration',
  null: 'null',
};

/** A type as upstream writes it. */
export function typeText(type: CheckedType | undefined): string {
  if (!type) return 'dyn';
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.valueType)})`;
    case 'map':
      return `map(${typeText(type.keyType)}, ${typeText(type.valueType)})`;
    case 'optional':
      return `optional_type(${typeText(type.valueType)})`;
    case 'dyn':
    case 'param':
      return 'dyn';
    default:
      return typeNames[type.name] ?? type.name;
  }
}

interface Problem {
  readonly at: number;
  readonly text: string;
}

/** A problem at its place: message, line, and a mark below the place. */
function located(input: string, { at, text }: Problem): string {
  const before = input.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1);
  const source = input.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${text}\n | ${source}\n | ${'.'.repeat(column)}^`;
}

/** Where a node's operator or parenthesis stands. */
function operatorAt(node: AstNode): number {
  const args = Array.isArray(node.args) ? node.args : [node.args];
  if (node.op === '.' || node.op === '.?') return node.input.lastIndexOf('.', node.pos);
  if (node.op === '!_' || node.op === '-_') return node.start;
  const call = callOf(node);
  if (call) return node.input.indexOf('(', call.receiver ? call.receiver.end : node.start);
  const [left] = args;
  if (!isNode(left)) return node.start;
  const sign = node.op === '?:' ? '?' : node.op === '[]' || node.op === '[?]' ? '[' : node.op;
  const found = node.input.indexOf(sign, left.end);
  return found < 0 ? node.start : found;
}

const argumentsOf = (node: AstNode): AstNode[] => (Array.isArray(node.args) ? node.args : [node.args]).filter(isNode);

const noOverload = (node: AstNode, name: string, types: readonly string[]): Problem => ({
  at: operatorAt(node),
  text: `found no matching overload for '${name}' applied to '(${types.join(', ')})'`,
});

const functionNames: Readonly<Record<string, string>> = { '!_': '!_', '-_': '-_', in: '@in', '[]': '_[_]', '?:': '_?_:_' };

const operatorName = (op: string): string => functionNames[op] ?? `_${op}_`;

/** What a failed check means; `knows` tells whether there is any function of a name. */
function checkProblem(error: CheckError, root: AstNode, knows: (name: string) => boolean): Problem {
  const node = (error.node as unknown as AstNode | undefined) ?? root;
  const { code, summary } = error;
  const quoted = /'([^']*)'/.exec(summary)?.[1] ?? '';
  switch (code) {
    case 'no_such_key':
      return { at: operatorAt(node), text: `undefined field '${summary.replace(/^No such key: /, '')}'` };
    case 'cannot_index_type':
      return node.op === '.'
        ? { at: operatorAt(node), text: `type '${typeText(argumentsOf(node)[0]?.checkedType)}' does not support field selection` }
        : noOverload(
            node,
            '_[_]',
            argumentsOf(node).map((arg) => typeText(arg.checkedType)),
          );
    case 'unknown_variable':
      return { at: node.start, text: `undeclared reference to '${node.args as string}' (in container '')` };
    case 'no_such_overload':
    case 'invalid_logical_operand':
    case 'incompatible_ternary_branches':
      return noOverload(
        node,
        operatorName(node.op),
        argumentsOf(node).map((arg) => typeText(arg.checkedType)),
      );
    case 'no_matching_overload':
      return callProblem(node, knows);
    case 'invalid_condition_type':
      return { at: node.start, text: `expected type 'bool' but found '${typeText(node.checkedType)}'` };
    case 'heterogeneous_list_element':
    case 'heterogeneous_map_key':
    case 'heterogeneous_map_value':
      return { at: node.start, text: `expected type '${quoted}' but found '${typeText(node.checkedType)}'` };
    case 'invalid_comprehension_range':
      return {
        at: node.start,
        text: `expression of type '${typeText(node.checkedType)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      };
    default:
      return { at: node.pos, text: summary };
  }
}

function callProblem(node: AstNode, knows: (name: string) => boolean): Problem {
  const call = callOf(node);
  if (!call) return { at: node.start, text: 'no matching overload' };
  const name = functionName(call.name);
  if (!knows(call.name)) return { at: operatorAt(node), text: `undeclared reference to '${name}' (in container '')` };
  const types = call.args.map((arg) => typeText(arg.checkedType)).join(', ');
  const applied = call.receiver ? `${typeText(call.receiver.checkedType)}.(${types})` : `(${types})`;
  return { at: operatorAt(node), text: `found no matching overload for '${name}' applied to '${applied}'` };
}

/** Functions that stand in for those of cel-js, and what they are called in expressions. */
export const standIns: Readonly<Record<string, string>> = {
  matches: 'matchesRe2',
  lowerAscii: 'lowerAsciiOnly',
  upperAscii: 'upperAsciiOnly',
};

/** What a function is called in expressions. */
export const functionName = (name: string): string => Object.keys(standIns).find((one) => standIns[one] === name) ?? name;

/** The text of what keeps an expression from being compiled. */
export function compilationProblem(error: unknown, input: string, { root, knows }: { root?: AstNode; knows: (name: string) => boolean }): string {
  if (error instanceof ParseError) return located(input, { at: error.range?.start ?? 0, text: `Syntax error: ${error.summary}` });
  if (error instanceof CheckError && root) return located(input, checkProblem(error, root, knows));
  return located(input, { at: 0, text: (error as Error).message });
}

/** A problem at a node. */
export const problemAt = (node: AstNode, text: string): string => located(node.input, { at: node.start, text });

const runTexts: Readonly<Record<string, (summary: string) => string>> = {
  no_such_key: (summary) => `no such key: ${summary.replace(/^No such key: /, '')}`,
  index_out_of_bounds: (summary) => `index out of bounds: ${/index (-?\d+)/.exec(summary)?.[1] ?? ''}`,
  division_by_zero: () => 'division by zero',
  modulo_by_zero: () => 'modulus by zero',
  numeric_overflow: (summary) => (summary.toLowerCase().includes('unsigned') ? 'unsigned integer overflow' : 'integer overflow'),
  int_conversion_error: () => "type conversion error from 'string' to 'int'",
  uint_conversion_error: () => "type conversion error from 'string' to 'uint'",
  double_conversion_error: () => "type conversion error from 'string' to 'double'",
  bool_conversion_error: () => "type conversion error from 'string' to 'bool'",
  invalid_timestamp: () => "type conversion error from 'string' to 'timestamp'",
  invalid_duration: () => "type conversion error from 'string' to 'duration'",
  optional_value_missing: () => 'optional.none() dereference',
  no_such_overload: () => 'no such overload',
  no_matching_overload: () => 'no such overload',
  invalid_logical_operand: () => 'no such overload',
  invalid_condition_type: () => 'no such overload',
  field_type_mismatch: () => 'no such overload',
  variable_type_mismatch: () => 'no such overload',
};

/** The text of what went wrong when an expression ran. */
export function runProblem(error: unknown): string {
  if (error instanceof EvaluationError) return runTexts[error.code]?.(error.summary) ?? error.summary;
  return error instanceof Error ? error.message : String(error);
}
