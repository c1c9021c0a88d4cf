// Values of an object side by side with what they were before, for rules about changes and for forgiving what did not change.
import { deepEqual } from '@steersman/api';
import { sameKey } from './list-types.js';
import { fieldOf, isRecord, itemsOf, listKeysOf, listTypeOf, type SchemaNode } from './schema-node.js';

/** A value and its predecessor; only what the schema lets one find again has one. */
export class Correlation {
  private same: boolean | undefined;

  constructor(
    readonly value: unknown,
    readonly old: unknown,
    private readonly schema: SchemaNode | undefined,
  ) {}

  /** Whether nothing changed. */
  get unchanged(): boolean {
    this.same ??= this.compare();
    return this.same;
  }

  /** What the schema does not describe counts as changed, as upstream has it. */
  private compare(): boolean {
    const { value, old } = this;
    if (isRecord(value) && isRecord(old)) {
      const names = Object.keys(value);
      return names.length === Object.keys(old).length && names.every((name) => this.field(name)?.unchanged ?? false);
    }
    if (Array.isArray(value) && Array.isArray(old) && this.schema && listTypeOf(this.schema) === 'map')
      return value.length === old.length && value.every((_, position) => this.item(position)?.unchanged ?? false);
    return deepEqual(value, old);
  }

  field(name: string): Correlation | undefined {
    const schema = fieldOf(this.schema, name);
    if (!schema || !isRecord(this.value) || !isRecord(this.old)) return undefined;
    if (!Object.hasOwn(this.value, name) || !Object.hasOwn(this.old, name)) return undefined;
    return new Correlation(this.value[name], this.old[name], schema);
  }

  item(position: number): Correlation | undefined {
    const items = itemsOf(this.schema);
    if (!items || !this.schema || listTypeOf(this.schema) !== 'map' || !Array.isArray(this.value) || !Array.isArray(this.old)) return undefined;
    const old = sameKey(this.old, this.value[position], listKeysOf(this.schema));
    return old === undefined ? undefined : new Correlation(this.value[position], old, items);
  }
}
