import { expect, test } from 'vitest';
import { type ApiObject, CachedObject, encodeObject } from './cached-object.js';

const settings = (data: Record<string, string>): ApiObject =>
  ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace: 'b' }, data }) as unknown as ApiObject;

const cached = (revision = 7): CachedObject => new CachedObject('/registry/configmaps/b/a', revision, encodeObject(settings({ k: 'v' })));

test('an object has its version in its value and in its bytes', () => {
  const one = cached();
  expect(one.object.metadata.resourceVersion).toBe('7');
  expect(JSON.parse(one.json.toString())).toEqual(one.object);
  expect(JSON.parse(`{${one.item}`)).toEqual({ metadata: one.object.metadata, data: { k: 'v' } });
});

test('a value that nobody asks for is let go, and the same when somebody does', () => {
  const one = cached();
  const before = structuredClone(one.object);
  for (let round = 0; round < 3; round++) one.rest();
  expect(one.object).toEqual(before);
  expect(Object.isFrozen(one.object.metadata)).toBe(true);
});

test('who holds a value that was let go goes on sharing it', () => {
  const one = cached();
  const held = one.object;
  for (let round = 0; round < 3; round++) one.rest();
  expect(one.object).toBe(held);
});

test('the last state of a deleted object has the version of the deletion, once', () => {
  for (const asked of [false, true]) {
    const one = cached();
    if (asked) expect(one.json.toString()).toContain('"7"');
    const gone = one.atRevision(9);
    expect(JSON.parse(gone.json.toString()).metadata.resourceVersion).toBe('9');
    expect(gone.json.toString().match(/resourceVersion/g)).toHaveLength(1);
  }
});

test('what a dry run shows has no version', () => {
  const one = cached(0);
  expect(one.object.metadata.resourceVersion).toBeUndefined();
  expect(one.json.toString()).not.toContain('resourceVersion');
});

test('what is kept of an object holds on to nothing else', () => {
  const piece = Buffer.from(`before${cached().json}after`);
  const read = CachedObject.fromBytes('/registry/configmaps/b/a', 9, piece.subarray(6, piece.length - 5));
  for (const one of [cached(), read, cached().atRevision(8)])
    for (const bytes of [one.json, one.message]) expect(bytes.buffer.byteLength).toBe(bytes.length);
});
