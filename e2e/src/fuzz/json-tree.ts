// JSON as text may have it, beyond what values can hold: keys that stand twice, numbers that are none, halves of surrogate pairs.

export type Tree = { readonly raw: string } | { readonly list: readonly Tree[] } | { readonly map: readonly (readonly [key: string, value: Tree])[] };

/** A value as a tree. */
export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { list: value.map(treeOf) };
  if (typeof value === 'object' && value !== null) return { map: Object.entries(value).map(([key, one]) => [key, treeOf(one)]) };
  return { raw: JSON.stringify(value) ?? 'null' };
}

export function textOf(tree: Tree): string {
  if ('raw' in tree) return tree.raw;
  if ('list' in tree) return `[${tree.list.map(textOf).join(',')}]`;
  return `{${tree.map.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(',')}}`;
}

/** The tree with fields of another put over its own, as deep as both are maps; keys of the other may stand twice then. */
export function overlaid(base: Tree, over: Tree): Tree {
  if (!('map' in base) || !('map' in over)) return over;
  const map = [...base.map];
  for (const [key, value] of over.map) {
    const at = map.findIndex(([name]) => name === key);
    if (at < 0) map.push([key, value]);
    else map[at] = [key, overlaid(map[at]![1], value)];
  }
  return { map };
}
