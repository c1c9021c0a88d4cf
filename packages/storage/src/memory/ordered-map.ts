// An immutable ordered map from string to V: a B+ tree whose writes copy one path and share the rest, so that every
// old root stays readable at no cost. Nodes know their size, so counting a range takes O(log n).

const width = 32;

interface Leaf<V> {
  readonly leaf: true;
  readonly keys: string[];
  readonly values: V[];
  readonly size: number;
}

interface Branch<V> {
  readonly leaf: false;
  /** The smallest key below each child. */
  readonly keys: string[];
  readonly children: Node<V>[];
  readonly size: number;
}

type Node<V> = Leaf<V> | Branch<V>;
export type OrderedMap<V> = Node<V>;

export const emptyMap = <V>(): OrderedMap<V> => ({ leaf: true, keys: [], values: [], size: 0 });

/** The first index whose key is not less than `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The child that holds `key`, if any does. */
function childIndex(keys: readonly string[], key: string): number {
  const index = lowerBound(keys, key);
  return index < keys.length && keys[index] === key ? index : Math.max(0, index - 1);
}

export function getKey<V>(map: OrderedMap<V>, key: string): V | undefined {
  let node = map;
  while (!node.leaf) node = node.children[childIndex(node.keys, key)]!;
  const index = lowerBound(node.keys, key);
  return node.keys[index] === key ? node.values[index] : undefined;
}

/** How many keys are less than `key`. */
export function rank<V>(map: OrderedMap<V>, key: string): number {
  let node = map;
  let before = 0;
  while (!node.leaf) {
    const index = childIndex(node.keys, key);
    for (let i = 0; i < index; i++) before += node.children[i]!.size;
    node = node.children[index]!;
  }
  return before + lowerBound(node.keys, key);
}

/** Calls `visit` with each value from `start` on in order, until it returns false. */
export function visitFrom<V>(map: OrderedMap<V>, start: string, visit: (value: V, key: string) => boolean): boolean {
  if (map.leaf) {
    for (let i = lowerBound(map.keys, start); i < map.keys.length; i++) {
      if (!visit(map.values[i]!, map.keys[i]!)) return false;
    }
    return true;
  }
  for (let i = childIndex(map.keys, start); i < map.children.length; i++) {
    if (!visitFrom(map.children[i]!, start, visit)) return false;
  }
  return true;
}

export function setKey<V>(map: OrderedMap<V>, key: string, value: V): OrderedMap<V> {
  const nodes = insert(map, key, value);
  return nodes.length === 1 ? nodes[0]! : branchOf(nodes);
}

export function removeKey<V>(map: OrderedMap<V>, key: string): OrderedMap<V> {
  let node = remove(map, key);
  while (!node.leaf && node.children.length === 1) node = node.children[0]!;
  return !node.leaf && node.children.length === 0 ? emptyMap() : node;
}

const leafOf = <V>(keys: string[], values: V[]): Leaf<V> => ({ leaf: true, keys, values, size: keys.length });

function branchOf<V>(children: Node<V>[]): Branch<V> {
  const keys: string[] = [];
  let size = 0;
  for (const child of children) {
    keys.push(child.keys[0]!);
    size += child.size;
  }
  return { leaf: false, keys, children, size };
}

function insert<V>(node: Node<V>, key: string, value: V): Node<V>[] {
  if (!node.leaf) {
    const index = childIndex(node.keys, key);
    const children = node.children.slice();
    children.splice(index, 1, ...insert(children[index]!, key, value));
    if (children.length <= width) return [branchOf(children)];
    return [branchOf(children.slice(0, width / 2)), branchOf(children.slice(width / 2))];
  }
  const index = lowerBound(node.keys, key);
  const values = node.values.slice();
  if (node.keys[index] === key) {
    values[index] = value;
    return [leafOf(node.keys, values)];
  }
  const keys = node.keys.slice();
  keys.splice(index, 0, key);
  values.splice(index, 0, value);
  if (keys.length <= width) return [leafOf(keys, values)];
  const middle = width / 2;
  return [leafOf(keys.slice(0, middle), values.slice(0, middle)), leafOf(keys.slice(middle), values.slice(middle))];
}

function remove<V>(node: Node<V>, key: string): Node<V> {
  if (node.leaf) {
    const index = lowerBound(node.keys, key);
    if (node.keys[index] !== key) return node;
    return leafOf(node.keys.toSpliced(index, 1), node.values.toSpliced(index, 1));
  }
  const index = childIndex(node.keys, key);
  const child = remove(node.children[index]!, key);
  if (child === node.children[index]) return node;
  const children = node.children.slice();
  if (child.size === 0) children.splice(index, 1);
  else children[index] = child;
  if (child.size > 0 && child.keys.length < width / 4) mergeAt(children, Math.max(0, index - 1));
  return branchOf(children);
}

/** Joins the children at `index` and after it where both fit in one node. */
function mergeAt<V>(children: Node<V>[], index: number): void {
  const left = children[index];
  const right = children[index + 1];
  if (!left || !right || left.keys.length + right.keys.length > width) return;
  if (left.leaf && right.leaf) {
    children.splice(index, 2, leafOf(left.keys.concat(right.keys), left.values.concat(right.values)));
  } else if (!left.leaf && !right.leaf) {
    children.splice(index, 2, branchOf(left.children.concat(right.children)));
  }
}
