// What an evaluation costs, counted while it runs as upstream counts it; beyond the limit it is cut off.
import type { AstNode, Evaluate } from './ast.js';
import { callOf, isNode, visit } from './ast.js';
import { CostExceeded } from './expression-error.js';
import { Cidr, Ip } from './libraries/addresses.js';
import { Format } from './libraries/formats.js';
import { Quantity } from './libraries/quantity.js';
import { Semver } from './libraries/semver.js';
import { Url } from './libraries/urls.js';
import { sizeOf } from './values.js';

/** Reading a text once, per character. */
export const traversal = 0.1;
/** Matching with a regular expression, per character of it. */
export const regexFactor = 0.25;
export const listCost = 10;
export const mapCost = 30;

export class Meter {
  cost = 0;

  constructor(private readonly limit: number) {}

  get exceeded(): boolean {
    return this.cost > this.limit;
  }

  reset(): void {
    this.cost = 0;
  }

  add(cost: number): void {
    this.cost += cost;
    if (this.exceeded) throw new CostExceeded();
  }
}

/** What a round of each macro costs beside the expressions in it. */
const roundCosts: Readonly<Record<string, number>> = { all: 3, exists: 4, exists_one: 3, existsOne: 3, map: 12, filter: 12 };

/** Makes an expression count. */
export function instrument(root: AstNode, meter: Meter): void {
  visit(root, (node) => {
    const { meta } = node;
    if (meta.alternate) instrumentMacro(node, meter);
    else if (meta.macro) return;
    else if (node.op === 'id') countRuns(node, () => meter.add(1));
    else if (node.op === 'list') countRuns(node, () => meter.add(listCost));
    else if (node.op === 'map') countRuns(node, () => meter.add(mapCost));
    else if (node.op !== '?:' && node.op !== '&&' && node.op !== '||') countResults(node, meter);
  });
}

/** Counts before each run of a node. */
function countRuns(node: AstNode, count: () => void): void {
  const evaluate = node.meta.evaluate;
  if (!evaluate) return;
  const counted: Evaluate = (evaluator, one, scope) => {
    count();
    return evaluate(evaluator, one, scope);
  };
  node.setMeta('evaluate', counted);
}

function countResults(node: AstNode, meter: Meter): void {
  const { handle } = node;
  if (!handle) return;
  node.handle = (...values) => {
    const result = handle(...values);
    meter.add(resultCost(node, values, result));
    return result;
  };
}

function instrumentMacro(node: AstNode, meter: Meter): void {
  const { alternate } = node.meta;
  const name = callOf(node)?.name ?? '';
  const step = (alternate?.args as { step?: unknown } | undefined)?.step;
  if (isNode(step)) countRuns(step, () => meter.add(roundCosts[name] ?? 1));
  const handle = alternate?.handle;
  if (!alternate || !handle) return;
  alternate.handle = (...values) => {
    meter.add(1);
    return handle(...values);
  };
}

function resultCost(node: AstNode, values: readonly unknown[], result: unknown): number {
  const call = callOf(node);
  if (call) return callCost(call.name, values[0] as readonly unknown[], result);
  switch (node.op) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparisonCost(values[0], values[1]);
    case '+':
      return typeof values[0] === 'string' || values[0] instanceof Uint8Array ? Math.ceil((sizeOf(values[0]) + sizeOf(values[1])) * traversal) : 1;
    case 'in':
      return Array.isArray(values[1]) ? sizeOf(values[1]) : 1;
    default:
      return 1;
  }
}

const unitTypes = [Quantity, Ip, Cidr, Format, Url, Semver];

const comparisonCost = (left: unknown, right: unknown): number =>
  unitTypes.some((type) => left instanceof type) ? 1 : Math.ceil(Math.min(sizeOf(left), sizeOf(right)) * traversal);

/** Reading a value all the way down. */
function traversalCost(value: unknown): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * traversal);
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + traversalCost(item), 0);
  if (value instanceof Map) return [...value].reduce((sum, [key, inner]) => sum + traversalCost(key) + traversalCost(inner), 0);
  return 1;
}

const once = (value: unknown, factor = 1): number => Math.ceil(sizeOf(value) * factor * traversal);

const regexCost = (text: unknown, pattern: unknown): number => Math.ceil((1 + sizeOf(text)) * traversal) * Math.ceil(sizeOf(pattern) * regexFactor);

const lengthOf = (value: unknown): number => (value instanceof Cidr ? value.block.address.bytes.length : sizeOf(value));

function callCost(name: string, args: readonly unknown[], result: unknown): number {
  const [first, second] = args;
  switch (name) {
    case 'check':
      return 350_000;
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      return traversalCost(first);
    case 'url':
    case 'isURL':
    case 'lowerAsciiOnly':
    case 'upperAsciiOnly':
    case 'substring':
    case 'trim':
    case 'ip':
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
    case 'startsWith':
    case 'endsWith':
      return first instanceof Cidr ? 1 : once(first);
    case 'replace':
    case 'split':
    case 'isCanonical':
      return once(first, 2);
    case 'join':
      return once(result, 2);
    case 'format':
      return once(first);
    case 'matchesRe2':
    case 'find':
    case 'findAll':
      return regexCost(first, second);
    case 'contains':
      return typeof first === 'string'
        ? Math.ceil(sizeOf(first) * traversal) * Math.ceil(sizeOf(second) * traversal)
        : sizeOf(first) * sizeOf(second);
    case 'containsIP':
    case 'containsCIDR':
      return Math.ceil(2 * lengthOf(first) * traversal) + (typeof second === 'string' ? once(second) : 0);
    case 'validate':
      return Math.ceil((1 + sizeOf(second)) * traversal) * 32;
    default:
      return 1;
  }
}
