// Paths of fields in error texts: the root is the empty path while a path is built, and `<nil>` where an error is about it.

/** A field of an object. */
export const child = (path: string, name: string): string => (path ? `${path}.${name}` : name);

/** A key of a map. */
export const key = (path: string, name: string): string => `${path}[${name}]`;

/** An element of a list. */
export const index = (path: string, position: number): string => `${path}[${position}]`;

/** The path as an error shows it. */
export const shown = (path: string): string => path || '<nil>';
