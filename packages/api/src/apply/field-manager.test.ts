import { describe, expect, it } from 'vitest';
import { applyDefaults } from '../kinds/defaults.js';
import { decodeObject, zeroOf } from '../schema/decode.js';
import { schemaOf } from '../schema/schema-table.js';
import { applyToObject, type Managed, managedFieldsOf } from './field-manager.js';
import { fieldSetOf } from './field-set.js';
import type { ManagedKind } from './managed-kind.js';

const time = '2026-01-01T00:00:00Z';

/** One object in a server of its own. */
class Live {
  private readonly kind: ManagedKind;
  private readonly empty: Managed;
  object: Managed | undefined;

  constructor(
    private readonly apiVersion: string,
    private readonly name: string,
  ) {
    const schema = schemaOf(apiVersion, name)!;
    this.kind = {
      apiVersion,
      schema,
      reset: { excluded: fieldSetOf(['f:status']) },
      inVersion: (wanted) => (wanted === apiVersion ? { schema, convert: (object) => object } : undefined),
    };
    this.empty = { ...(zeroOf(schema) as Managed), apiVersion, kind: name };
  }

  apply(manager: string, fields: object, { force = false, at = time } = {}): Managed {
    const configuration = { apiVersion: this.apiVersion, kind: this.name, ...fields };
    const applied = applyToObject(this.kind, { manager, time: at }, { live: this.object, empty: this.empty }, { configuration, force });
    return this.store(applied);
  }

  update(manager: string, fields: object, { at = time, subresource }: { at?: string; subresource?: string } = {}): Managed {
    const next = this.decoded({ ...this.object, ...fields });
    if ('managedFields' in ((fields as { metadata?: object }).metadata ?? {}))
      next.metadata.managedFields = (fields as unknown as Managed).metadata.managedFields!;
    const managedFields = managedFieldsOf(
      this.kind,
      { manager, time: at, ...(subresource && { subresource }) },
      { live: this.object, empty: this.empty },
      next,
    );
    if (managedFields) next.metadata.managedFields = managedFields;
    else delete next.metadata.managedFields;
    this.object = next;
    return next;
  }

  /** Manager, operation and fields of every entry. */
  owners(): [string, string, unknown][] {
    return (this.object?.metadata.managedFields ?? []).map(({ manager = '', operation = '', fieldsV1 }) => [manager, operation, fieldsV1]);
  }

  private store(object: Managed): Managed {
    this.object = this.decoded(object);
    if (object.metadata.managedFields) this.object.metadata.managedFields = object.metadata.managedFields;
    return this.object;
  }

  private decoded(object: object): Managed {
    const decoded = decodeObject(schemaOf(this.apiVersion, this.name)!, object) as Managed;
    Object.assign(decoded, { apiVersion: this.apiVersion, kind: this.name });
    applyDefaults(this.apiVersion, this.name, decoded as never);
    return decoded;
  }
}

const configMap = (): Live => new Live('v1', 'ConfigMap');
const meta = { name: 'c' };
const container = (fields: object) => ({ metadata: meta, spec: { template: { spec: { containers: [fields] } } } });

describe('applying configurations', () => {
  it('owns the leaves applied and removes what is applied no more', () => {
    const live = configMap();
    live.apply('me', { metadata: { ...meta, labels: { x: 'y' } }, data: { a: '1', b: '2' } });
    expect(live.owners()).toEqual([['me', 'Apply', { 'f:data': { 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } }]]);
    expect(live.apply('me', { metadata: meta, data: { a: '1' } })).toMatchObject({ data: { a: '1' } });
    expect(live.object?.metadata.labels).toBeUndefined();
    expect(live.apply('me', { metadata: meta })['data']).toBeUndefined();
    expect(live.owners()).toEqual([]);
  });

  it('refuses to change what others own, unless forced', () => {
    const live = configMap();
    live.apply('alice', { metadata: meta, data: { a: '1', b: '2' } });
    expect(() => live.apply('bob', { metadata: meta, data: { a: 'one', b: 'two' } })).toThrow(
      'Apply failed with 2 conflicts: conflicts with "alice":\n- .data.a\n- .data.b',
    );
    live.apply('bob', { metadata: meta, data: { a: 'one' } }, { force: true });
    expect(live.owners()).toEqual([
      ['alice', 'Apply', { 'f:data': { 'f:b': {} } }],
      ['bob', 'Apply', { 'f:data': { 'f:a': {} } }],
    ]);
  });

  it('shares what is applied with the same value, and keeps it while one still applies it', () => {
    const live = configMap();
    live.apply('alice', { metadata: meta, data: { a: '1' } });
    live.apply('bob', { metadata: meta, data: { a: '1' } });
    expect(live.object?.metadata.managedFields?.find(({ manager }) => manager === 'bob')?.time).toBeUndefined();
    expect(live.apply('alice', { metadata: meta })).toMatchObject({ data: { a: '1' } });
    expect(live.owners()).toEqual([['bob', 'Apply', { 'f:data': { 'f:a': {} } }]]);
  });

  it('leaves the object and its times alone where nothing changes', () => {
    const live = configMap();
    live.apply('me', { metadata: meta, data: { a: '1' } });
    live.apply('me', { metadata: meta, data: { a: '1' } }, { at: '2026-01-02T00:00:00Z' });
    expect(live.object?.metadata.managedFields?.[0]?.time).toBe(time);
  });

  it('tells list items apart by their keys, those left out by their defaults', () => {
    const live = new Live('apps/v1', 'Deployment');
    live.apply('alice', container({ name: 'a', image: 'a:1' }));
    live.apply('bob', container({ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] }));
    expect(live.owners()[1]?.[2]).toEqual({
      'f:spec': {
        'f:template': {
          'f:spec': {
            'f:containers': {
              'k:{"name":"a"}': {
                '.': {},
                'f:name': {},
                'f:ports': {
                  'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                  'k:{"containerPort":80,"protocol":"UDP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
                },
              },
            },
          },
        },
      },
    });
    expect(() => live.apply('bob', container({ name: 'a', image: 'a:2' }))).toThrow(
      'conflict with "alice": .spec.template.spec.containers[name="a"].image',
    );
  });

  it('takes structs and lists that are atomic as a whole', () => {
    const live = new Live('v1', 'Service');
    live.apply('alice', { metadata: meta, spec: { selector: { a: 'b' }, ports: [{ port: 80 }] } });
    expect(() => live.apply('bob', { metadata: meta, spec: { selector: { c: 'd' } } })).toThrow('conflict with "alice": .spec.selector');
  });

  it('keeps the order of the live list around items that are added', () => {
    const live = new Live('apps/v1', 'Deployment');
    const named = (...names: string[]) => ({
      metadata: meta,
      spec: { template: { spec: { containers: names.map((name) => ({ name, image: 'i' })) } } },
    });
    live.apply('alice', named('a', 'b'));
    live.apply('bob', named('x', 'b', 'y'));
    const { containers } = (live.object as unknown as { spec: { template: { spec: { containers: { name: string }[] } } } }).spec.template.spec;
    expect(containers.map(({ name }) => name)).toEqual(['a', 'x', 'b', 'y']);
  });

  it('refuses unknown fields, wrong types and duplicate keys', () => {
    const live = new Live('apps/v1', 'Deployment');
    expect(() => live.apply('me', { metadata: meta, nonsense: 1 })).toThrow(
      'failed to create typed patch object (/c; apps/v1, Kind=Deployment): .nonsense: field not declared in schema',
    );
    expect(() => live.apply('me', { metadata: meta, spec: { replicas: 'x' } })).toThrow(
      '.spec.replicas: expected numeric (int or float), got string',
    );
    expect(() => live.apply('me', { metadata: meta, spec: { template: { spec: { containers: [{ name: 'a' }, { name: 'a' }] } } } })).toThrow(
      '.spec.template.spec.containers: duplicate entries for key [name="a"]',
    );
    expect(() => live.apply('me', { metadata: { ...meta, managedFields: [] } })).toThrow('metadata.managedFields must be nil');
  });

  it('cannot apply to list items that were written without their keys', () => {
    const live = new Live('v1', 'ServiceAccount');
    live.update('me', { metadata: meta, secrets: [{ name: 'a' }, { namespace: 'other' }] });
    expect(() => live.apply('you', { metadata: meta })).toThrow(
      'failed to create typed live object (/c; /v1, Kind=ServiceAccount): .secrets: element 1: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    );
  });

  it('counts what was there before the first apply as owned by its updates', () => {
    const live = configMap();
    live.update('me', { metadata: { ...meta, uid: 'u' }, data: { a: '1' } });
    live.update('me', { metadata: { ...meta, uid: 'u', managedFields: [] }, data: { a: '1' } });
    expect(live.owners()).toEqual([]);
    expect(() => live.apply('you', { metadata: meta, data: { a: '2' } })).toThrow('conflict with "before-first-apply" using v1: .data.a');
  });

  it('lets kubectl take over what its own record says it applied', () => {
    const live = configMap();
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const record = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta, data: { a: '1' } });
    live.update('kubectl-client-side-apply', { metadata: { ...meta, annotations: { [annotation]: record } }, data: { a: '1', b: '1' } });
    expect(() => live.apply('other', { metadata: meta, data: { a: '2' } })).toThrow('conflict with "kubectl-client-side-apply"');
    expect(() => live.apply('kubectl', { metadata: meta, data: { a: '2', b: '2' } })).toThrow('Apply failed with 1 conflict');
    live.apply('kubectl', { metadata: meta, data: { a: '2' } });
    expect(live.object?.metadata.annotations?.[annotation]).toBe('{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"c"}}\n');
  });
});

describe('updates', () => {
  it('own what they change, and take it from others', () => {
    const live = configMap();
    live.update('creator', { metadata: meta, data: { a: '1', b: '1' } });
    live.update('editor', { data: { a: '2', b: '1' } });
    expect(live.owners()).toEqual([
      ['creator', 'Update', { 'f:data': { '.': {}, 'f:b': {} } }],
      ['editor', 'Update', { 'f:data': { 'f:a': {} } }],
    ]);
  });

  it('leave managers as they are where nothing changes, even when they are sent along or left out', () => {
    const live = configMap();
    const { managedFields } = live.update('creator', { metadata: meta, data: { a: '1' } }).metadata;
    expect(live.update('other', { metadata: meta }).metadata.managedFields).toBe(managedFields);
    expect(live.update('other', { metadata: { ...meta, managedFields: structuredClone(managedFields) } }).metadata.managedFields).toBe(managedFields);
  });

  it('do not own what their strategy undoes', () => {
    const live = new Live('apps/v1', 'Deployment');
    live.update('creator', { metadata: meta, status: { replicas: 3 } });
    expect(live.owners().some(([, , fields]) => 'f:status' in (fields as object))).toBe(false);
  });

  it('may set the managers themselves, but not to nonsense', () => {
    const live = configMap();
    live.update('creator', { metadata: meta, data: { a: '1' } });
    const entry = { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } };
    live.update('creator', { metadata: { ...meta, managedFields: [entry] } });
    expect(live.owners()).toEqual([['x', 'Update', { 'f:data': { 'f:a': {} } }]]);
    live.update('creator', { metadata: { ...meta, managedFields: [{ ...entry, operation: 'Guess' }] } });
    expect(live.owners()).toEqual([['x', 'Update', { 'f:data': { 'f:a': {} } }]]);
  });

  it('of more than ten managers are joined, oldest first', () => {
    const live = configMap();
    live.update('m0', { metadata: meta, data: { k0: 'x' } });
    for (let index = 1; index <= 11; index++)
      live.update(`m${index}`, { data: { ...(live.object?.['data'] as object), [`k${index}`]: 'x' } }, { at: `2026-01-01T00:00:${10 + index}Z` });
    const names = live.owners().map(([manager]) => manager);
    expect(names).toHaveLength(10);
    expect(names[0]).toBe('ancient-changes');
    expect(names).not.toContain('m1');
  });
});
