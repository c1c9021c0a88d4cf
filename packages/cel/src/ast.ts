// The syntax tree of cel-js, as far as this package looks into it.

export interface CheckedType {
  readonly kind: 'primitive' | 'list' | 'map' | 'message' | 'dyn' | 'optional' | 'param';
  readonly name: string;
  readonly keyType?: CheckedType;
  readonly valueType?: CheckedType;
}

/** What a node does when it is checked and when it is run. */
export interface NodeMeta {
  evaluate?: Evaluate;
  alternate?: AstNode;
  macro?: object;
}

export type Evaluate = (evaluator: Evaluator, node: AstNode, scope: Scope) => unknown;

export interface AstNode {
  readonly op: string;
  args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly input: string;
  readonly meta: NodeMeta;
  checkedType?: CheckedType;
  handle?: (...values: unknown[]) => unknown;
  setMeta(name: string, value: unknown): AstNode;
}

export interface Scope {
  forkWithVariable(name: string, type: CheckedType): Scope;
  reuse(parent: Scope): Scope;
  setIterValue(value: unknown, evaluator: Evaluator): Scope;
}

export interface Evaluator {
  run(node: AstNode, scope: Scope): unknown;
  tryEval(node: AstNode, scope: Scope): unknown;
  createError(code: string, message: string, node?: AstNode): Error;
}

export interface Checker {
  readonly registry: {
    getListType(type: CheckedType): CheckedType;
    getMapType(key: CheckedType, value: CheckedType): CheckedType;
    getOptionalType(type: CheckedType): CheckedType;
    readonly objectTypes: ReadonlyMap<string, { readonly fields?: Readonly<Record<string, CheckedType>> }>;
  };
  check(node: AstNode, scope: Scope): CheckedType;
  getType(name: string): CheckedType;
  createError(code: string, message: string, node?: AstNode): Error;
}

export const isNode = (value: unknown): value is AstNode => typeof value === 'object' && value !== null && 'op' in value && 'start' in value;

/** A call's function, its receiver where it is a member, and its arguments. */
export interface Call {
  readonly name: string;
  readonly receiver?: AstNode;
  readonly args: readonly AstNode[];
}

export function callOf({ op, args }: AstNode): Call | undefined {
  if (op === 'call') {
    const [name, given] = args as [string, AstNode[]];
    return { name, args: given };
  }
  if (op !== 'rcall') return undefined;
  const [name, receiver, given] = args as [string, AstNode, AstNode[]];
  return { name, receiver, args: given };
}

/** The nodes below a node, as they were written. */
export function childrenOf(node: AstNode): AstNode[] {
  const call = callOf(node);
  if (call) return [...(call.receiver ? [call.receiver] : []), ...call.args];
  if (node.op === 'value' || node.op === 'id') return [];
  const args = Array.isArray(node.args) ? node.args.flat() : [node.args];
  return args.filter(isNode);
}

export function visit(node: AstNode, see: (node: AstNode) => void): void {
  see(node);
  for (const child of childrenOf(node)) visit(child, see);
}

/** The name of the identifier that a macro's variable is. */
export const variableName = (node: AstNode | undefined): string => (node?.op === 'id' ? (node.args as string) : '');
