// The types of variables in expressions: what there is of them, how large it may get, and how small it may be as JSON.

export type ScalarName = 'bool' | 'int' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'dyn';

interface Sized {
  /** The most characters or elements; 0 where that says nothing. */
  readonly maxElements: number;
  /** The fewest bytes of a value as JSON. */
  readonly minBytes: number;
}

export interface ScalarType extends Sized {
  readonly kind: 'scalar';
  readonly name: ScalarName | OpaqueName;
}

/** Types of Kubernetes' extension functions. */
export type OpaqueName = 'kubernetes.authorization.Authorizer';

export interface ListType extends Sized {
  readonly kind: 'list';
  readonly items: DeclaredType;
}

export interface MapType extends Sized {
  readonly kind: 'map';
  readonly values: DeclaredType;
}

export interface ObjectType extends Sized {
  readonly kind: 'object';
  /** Unlike that of any other object type of the same environment. */
  readonly name: string;
  /** By name as expressions write it. */
  readonly fields: ReadonlyMap<string, DeclaredField>;
}

/** A field of an object, and what it is called in the data. */
export interface DeclaredField {
  readonly key: string;
  readonly type: DeclaredType;
}

export interface OptionalType extends Sized {
  readonly kind: 'optional';
  readonly value: DeclaredType;
}

export type DeclaredType = ScalarType | ListType | MapType | ObjectType | OptionalType;

const minBytes: Readonly<Record<ScalarName, number>> = { bool: 4, int: 1, double: 1, string: 2, bytes: 2, timestamp: 12, duration: 3, dyn: 1 };

export const scalar = (name: ScalarName, size: Partial<Sized> = {}): ScalarType => ({
  kind: 'scalar',
  name,
  maxElements: 0,
  minBytes: minBytes[name],
  ...size,
});

export const opaque = (name: OpaqueName): ScalarType => ({ kind: 'scalar', name, maxElements: 0, minBytes: 1 });

export const listOf = (items: DeclaredType, maxElements: number): ListType => ({ kind: 'list', items, maxElements, minBytes: 2 });

export const mapOf = (values: DeclaredType, maxElements: number): MapType => ({ kind: 'map', values, maxElements, minBytes: 2 });

export const optionalOf = (value: DeclaredType): OptionalType => ({ kind: 'optional', value, maxElements: 0, minBytes: value.minBytes });

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const escapes: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** A field's name as an identifier; undefined where it cannot be one. */
export function identifierOf(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (reserved.has(name)) return `__${name}__`;
  return name.replace(/__|[./-]/g, (part) => escapes[part]!);
}

/** An object of the server's own: its fields are called as they are, whatever words the language reserves. */
export const ownObjectOf = (name: string, fields: Iterable<readonly [string, DeclaredType]>): ObjectType => ({
  kind: 'object',
  name,
  fields: new Map([...fields].map(([key, type]) => [key, { key, type }])),
  maxElements: 0,
  minBytes: 2,
});

/** An object of these fields; those whose names no expression can write are left out. */
export function objectOf(name: string, fields: Iterable<readonly [string, DeclaredType]>, size: Partial<Sized> = {}): ObjectType {
  const declared = new Map<string, DeclaredField>();
  for (const [key, type] of fields) {
    const identifier = identifierOf(key);
    if (identifier !== undefined) declared.set(identifier, { key, type });
  }
  return { kind: 'object', name, fields: declared, maxElements: 0, minBytes: 2, ...size };
}
