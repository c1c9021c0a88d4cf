// What OpenAPI documents say beyond the schema table.

type Keywords = Readonly<Record<string, unknown>>;

/** Of a definition. */
export interface DefinitionFacts {
  readonly required?: readonly string[];
  /** JSON schema keywords of the definition itself. */
  readonly keywords?: Keywords;
  /** Keywords of its fields; null takes one away that the table would give. */
  readonly fields?: Readonly<Record<string, Keywords>>;
}

export interface OpenApiFacts {
  /** What definitions (under the empty name) and fields mean. */
  readonly descriptions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly definitions: Readonly<Record<string, DefinitionFacts>>;
  /** The group versions that options and events belong to: all that there ever were. */
  readonly everywhere: readonly { readonly group: string; readonly version: string }[];
}
