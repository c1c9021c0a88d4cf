// What an expression may cost before it runs, from how large its variables may get. Follows upstream's estimates: they decide
// which rules a definition may have.
import type { AstNode, CheckedType } from './ast.js';
import { callOf, variableName } from './ast.js';
import { listCost, mapCost, regexFactor, traversal } from './cost-meter.js';
import type { DeclaredType } from './declared-type.js';

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Larger than anything; upstream stops counting there. */
const endless = 2 ** 64;
const unknownSize: Range = { min: 0, max: endless };

const fixed = (value: number): Range => ({ min: value, max: value });
const capped = (value: number): number => Math.min(value, endless);
const add = (...ranges: readonly Range[]): Range => ({
  min: capped(ranges.reduce((sum, { min }) => sum + min, 0)),
  max: capped(ranges.reduce((sum, { max }) => sum + max, 0)),
});
const multiply = (a: Range, b: Range): Range => ({ min: capped(a.min * b.min), max: capped(a.max * b.max) });
const scale = ({ min, max }: Range, factor: number): Range => ({ min: capped(Math.ceil(min * factor)), max: capped(Math.ceil(max * factor)) });
const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });

/** What is known of a node: what it costs to get, how large it is, and of which declared type. */
interface Estimate {
  readonly cost: Range;
  readonly size?: Range | undefined;
  readonly declared?: DeclaredType | undefined;
  /** How large its elements are. */
  readonly items?: Range | undefined;
}

type Scope = ReadonlyMap<string, Estimate>;

const sizeOfDeclared = (type: DeclaredType | undefined): Range | undefined => (type ? { min: 0, max: type.maxElements } : undefined);

function sizeOfType(type: CheckedType | undefined): Range | undefined {
  if (type?.kind !== 'primitive' || type.name === 'string' || type.name === 'bytes') return undefined;
  return fixed(1);
}

const texts = (type: CheckedType | undefined): boolean => type?.name === 'string' || type?.name === 'bytes';

export class CostEstimator {
  private readonly scope: Scope;

  constructor(variables: Readonly<Record<string, DeclaredType>>) {
    this.scope = new Map(Object.entries(variables).map(([name, declared]) => [name, { cost: fixed(1), declared }]));
  }

  estimate(root: AstNode): Range {
    return this.of(root, this.scope).cost;
  }

  private of(node: AstNode, scope: Scope): Estimate {
    const estimate = this.raw(node, scope);
    return { ...estimate, size: estimate.size ?? sizeOfDeclared(estimate.declared) ?? sizeOfType(node.checkedType) };
  }

  private raw(node: AstNode, scope: Scope): Estimate {
    const args = node.args as AstNode[];
    switch (node.op) {
      case 'value':
        return { cost: fixed(0), size: literalSize(node.args) };
      case 'id':
        return { ...scope.get(node.args as string), cost: fixed(1) };
      case '.':
      case '.?':
        return this.select(args[0]!, String(Array.isArray(node.args) ? node.args[1] : ''), scope);
      case '[]':
      case '[?]':
        return this.index(args[0]!, args[1]!, scope);
      case 'list':
        return this.list(args, scope);
      case 'map':
        return {
          cost: add(fixed(mapCost), ...(node.args as [AstNode, AstNode][]).flat().map((one) => this.of(one, scope).cost)),
          size: fixed(args.length),
        };
      case '?:':
        return this.conditional(args, scope);
      case '&&':
      case '||': {
        const [left, right] = args.map((one) => this.of(one, scope).cost) as [Range, Range];
        return { cost: { min: left.min, max: add(left, right).max } };
      }
      case '!_':
      case '-_':
        return { cost: add(fixed(1), this.of(node.args as AstNode, scope).cost) };
      case 'call':
      case 'rcall':
        return this.call(node, scope);
      default:
        return this.binary(node, args, scope);
    }
  }

  private select(operand: AstNode, name: string, scope: Scope): Estimate {
    const { cost, declared } = this.of(operand, scope);
    const type = declared?.kind === 'optional' ? declared.value : declared;
    const inner = type?.kind === 'object' ? type.fields.get(name)?.type : type?.kind === 'map' ? type.values : undefined;
    return { cost: operand.checkedType?.kind === 'dyn' ? cost : add(cost, fixed(1)), declared: inner };
  }

  private index(operand: AstNode, key: AstNode, scope: Scope): Estimate {
    const target = this.of(operand, scope);
    const cost = add(target.cost, this.of(key, scope).cost, fixed(1));
    const { declared } = target;
    const inner = declared?.kind === 'list' ? declared.items : declared?.kind === 'map' ? declared.values : undefined;
    return { cost, declared: inner, size: target.items };
  }

  private list(elements: readonly AstNode[], scope: Scope): Estimate {
    const each = elements.map((one) => this.of(one, scope));
    const items = each.reduce<Range | undefined>((all, { size = unknownSize }) => (all ? union(all, size) : size), undefined);
    return { cost: add(fixed(listCost), ...each.map(({ cost }) => cost)), size: fixed(elements.length), items: items ?? fixed(0) };
  }

  private conditional(args: readonly AstNode[], scope: Scope): Estimate {
    const [condition, left, right] = args.map((one) => this.of(one, scope)) as [Estimate, Estimate, Estimate];
    return { cost: add(condition.cost, union(left.cost, right.cost)), size: union(left.size ?? unknownSize, right.size ?? unknownSize) };
  }

  private binary(node: AstNode, args: readonly AstNode[], scope: Scope): Estimate {
    const [left, right] = args.map((one) => this.of(one, scope)) as [Estimate, Estimate];
    const both = add(left.cost, right.cost);
    const [one, other] = [left.size ?? unknownSize, right.size ?? unknownSize];
    const [leftType] = args.map(({ checkedType }) => checkedType);
    switch (node.op) {
      case 'in':
        return { cost: args[1]?.checkedType?.kind === 'list' ? add(other, both) : add(fixed(1), both) };
      case '==':
      case '!=':
        return { cost: add(comparison(one, other), both) };
      case '<':
      case '<=':
      case '>':
      case '>=':
        return { cost: add(texts(leftType) ? comparison(one, other) : fixed(1), both) };
      case '+':
        if (leftType?.kind === 'list') return { cost: add(fixed(1), both), size: add(one, other) };
        return texts(leftType) ? { cost: add(scale(add(one, other), traversal), both), size: add(one, other) } : { cost: add(fixed(1), both) };
      default:
        return { cost: add(fixed(1), both) };
    }
  }

  private call(node: AstNode, scope: Scope): Estimate {
    const { name, receiver, args } = callOf(node)!;
    if (name === 'has' && !receiver) return { cost: this.of((args[0]!.args as AstNode[])[0]!, scope).cost };
    if (node.meta.alternate || (node.meta.macro && receiver)) return this.macro(node, scope);
    if (name === 'dyn') {
      const inner = this.of(args[0]!, scope);
      return { ...inner, cost: add(fixed(1), inner.cost) };
    }
    const target = receiver ? this.of(receiver, scope) : undefined;
    const given = args.map((one) => this.of(one, scope));
    const own = functionCost(name, { target, args: given, receiver });
    const optional = target?.declared?.kind === 'optional' && (name === 'value' || name === 'orValue') ? target.declared.value : undefined;
    return {
      cost: add(own.cost, target?.cost ?? fixed(0), ...given.map(({ cost }) => cost)),
      size: own.size,
      declared: optional,
      items: own.items,
    };
  }

  /** Comprehensions: the range's size times what a round costs. */
  private macro(node: AstNode, scope: Scope): Estimate {
    const { name, receiver, args } = callOf(node)!;
    if (name === 'bind' || name === 'optMap' || name === 'optFlatMap') return this.bind(node, scope);
    const range = this.of(receiver!, scope);
    const variables = variablesOf(name, args);
    const inner = new Map(scope);
    for (const [variable, estimate] of iterationVariables(range, receiver!, variables)) inner.set(variable, { ...estimate, cost: fixed(1) });
    const bodies = args.slice(variables.length).map((one) => this.of(one, inner));
    const round = roundCost(name, bodies);
    const count = range.size ?? unknownSize;
    const start = name === 'map' || name === 'filter' || name.startsWith('transform') ? listCost : 0;
    const total = add(range.cost, fixed(start), multiply(count, round), fixed(name.startsWith('exists') && name !== 'exists' ? 2 : 1));
    const isList = start > 0;
    return { cost: total, ...(isList && { size: count, items: name === 'filter' ? iterationItem(range) : bodies.at(-1)?.size }) };
  }

  private bind(node: AstNode, scope: Scope): Estimate {
    const { name, receiver, args } = callOf(node)!;
    const bound = name === 'bind' ? this.of(args[1]!, scope) : this.of(receiver!, scope);
    const declared = bound.declared?.kind === 'optional' ? bound.declared.value : bound.declared;
    const inner = new Map(scope).set(variableName(args[0]), { ...bound, declared });
    const body = this.of(args.at(-1)!, inner);
    return { ...body, cost: add(bound.cost, body.cost, fixed(name === 'bind' ? 10 : 1)) };
  }
}

function literalSize(value: unknown): Range {
  if (typeof value === 'string') return fixed([...value].length);
  return fixed(value instanceof Uint8Array ? value.length : 1);
}

function comparison(left: Range, right: Range): Range {
  const max = Math.min(left.max, right.max);
  return scale({ min: max > 0 ? 1 : 0, max }, traversal);
}

const twoVariables = new Set(['transformList', 'transformMap', 'transformMapEntry']);

function variablesOf(name: string, args: readonly AstNode[]): string[] {
  const count = twoVariables.has(name) || (name !== 'map' && name !== 'filter' && args.length === 3) ? 2 : 1;
  return args.slice(0, count).map(variableName);
}

const iterationItem = ({ declared, items }: Estimate): Range | undefined =>
  items ?? (declared?.kind === 'list' ? sizeOfDeclared(declared.items) : undefined);

/** What the variables of a comprehension stand for. */
function iterationVariables(range: Estimate, receiver: AstNode, names: readonly string[]): [string, Omit<Estimate, 'cost'>][] {
  const { declared, items } = range;
  const isMap = declared?.kind === 'map' || receiver.checkedType?.kind === 'map';
  const element = {
    ...(declared?.kind === 'list' && { declared: declared.items }),
    ...(declared?.kind === 'map' && { declared: declared.values }),
    ...(items && { size: items }),
  };
  const keyOrIndex = { size: isMap ? fixed(0) : fixed(1) };
  const [first = '', second] = names;
  if (second === undefined) return [[first, isMap ? { size: declared ? { min: 0, max: 0 } : unknownSize } : element]];
  return [
    [first, keyOrIndex],
    [second, element],
  ];
}

/** What a round costs: the expressions in it, and the bookkeeping of the macro. */
function roundCost(name: string, bodies: readonly Estimate[]): Range {
  const last = bodies.at(-1)?.cost ?? fixed(0);
  const filter = bodies.length > 1 ? bodies[0]!.cost : undefined;
  switch (name) {
    case 'all':
      return add(fixed(2), { min: 1, max: add(fixed(1), last).max });
    case 'exists':
      return add(fixed(3), { min: 1, max: add(fixed(1), last).max });
    case 'exists_one':
    case 'existsOne':
      return add(last, { min: 1, max: 2 });
    case 'filter':
      return add(last, { min: 1, max: 13 });
    default: {
      const collect = add(fixed(12), last);
      return filter ? add(filter, union(collect, fixed(1))) : collect;
    }
  }
}

interface CallParts {
  readonly target: Estimate | undefined;
  readonly args: readonly Estimate[];
  readonly receiver: AstNode | undefined;
}

const sizeOf = (estimate: Estimate | undefined): Range => estimate?.size ?? unknownSize;

/** What a function costs beside its arguments, and how large its result gets. */
function functionCost(name: string, { target, args, receiver }: CallParts): Omit<Estimate, 'declared'> {
  const size = sizeOf(target);
  const [first, second] = args;
  const regex = (text: Range, pattern: Range): Range => multiply(scale(add(text, fixed(1)), traversal), scale(pattern, regexFactor));
  switch (name) {
    case 'check':
      return { cost: fixed(350_000) };
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf': {
      if (receiver?.checkedType?.kind !== 'list') return { cost: scale(size, traversal) };
      const items = target && iterationItem(target);
      const each = texts(receiver.checkedType.valueType) ? add(fixed(1), scale(items ?? unknownSize, traversal)) : fixed(1);
      return { cost: multiply(size, each) };
    }
    case 'url':
      return { cost: scale(sizeOf(first), traversal), size: sizeOf(first) };
    case 'lowerAsciiOnly':
    case 'upperAsciiOnly':
    case 'substring':
    case 'trim':
      return { cost: scale(size, traversal), size };
    case 'replace':
      return { cost: scale(size, 2 * traversal), size: replacedSize(size, sizeOf(first), sizeOf(second)) };
    case 'split':
      return { cost: scale(size, 2 * traversal), size: { min: 0, max: size.max } };
    case 'join': {
      const items = (target && iterationItem(target)) ?? unknownSize;
      const joined = add(multiply(size, items), multiply(sizeOf(first), { min: Math.max(0, size.min - 1), max: Math.max(0, size.max - 1) }));
      return { cost: scale(joined, traversal), size: joined };
    }
    case 'find':
    case 'findAll':
      return { cost: regex(size, sizeOf(first)), size: { min: 0, max: size.max } };
    case 'matchesRe2':
      return { cost: regex(size, sizeOf(first)) };
    case 'contains':
      if (args.length === 2) return { cost: multiply(sizeOf(first), sizeOf(second)) };
      return { cost: multiply(scale(size, traversal), scale(sizeOf(first), traversal)) };
    case 'intersects':
      return { cost: multiply(sizeOf(first), sizeOf(second)) };
    case 'equivalent':
      return { cost: scale(multiply(sizeOf(first), sizeOf(second)), 2) };
    case 'startsWith':
    case 'endsWith':
      return { cost: scale(sizeOf(first), traversal) };
    case 'isIP':
    case 'isCIDR':
    case 'cidr':
    case 'ip':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
      return { cost: first ? scale(sizeOf(first), traversal) : fixed(1) };
    case 'isCanonical':
      return { cost: scale(sizeOf(first), 2 * traversal) };
    case 'containsIP':
    case 'containsCIDR':
      return { cost: add({ min: 1, max: 4 }, scale(sizeOf(first), traversal)) };
    case 'validate':
      return { cost: scale(scale(sizeOf(first), traversal), 128 * regexFactor) };
    case 'format':
      return { cost: scale(size, traversal) };
    case 'string':
    case 'bytes':
      return { cost: first?.size ? scale(sizeOf(first), traversal) : fixed(1), size: sizeOf(first) };
    default:
      return { cost: fixed(1) };
  }
}

function replacedSize(size: Range, old: Range, replacement: Range): Range {
  if (old.min === 0) return { min: size.min, max: capped((size.max + 1) * replacement.max + size.max) };
  if (replacement.max <= old.min) return { min: 0, max: size.max };
  return { min: 0, max: capped(Math.ceil(size.max / old.min) * replacement.max) };
}
