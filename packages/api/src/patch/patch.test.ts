import { describe, expect, it } from 'vitest';
import { jsonPatch } from './json-patch.js';
import { mergePatch } from './merge-patch.js';
import { type MergeField, type MergeSchema, strategicMergePatch } from './strategic-patch.js';

const rejected = 'the server rejected our request due to an error in our request';

describe('JSON patch', () => {
  const document = { data: { a: '1' }, list: [1, 2, 3] };
  it.each([
    ['adds', [{ op: 'add', path: '/data/b~1c', value: 'x' }], { data: { a: '1', 'b/c': 'x' }, list: [1, 2, 3] }],
    [
      'appends and inserts',
      [
        { op: 'add', path: '/list/-', value: 4 },
        { op: 'add', path: '/list/0', value: 0 },
      ],
      { data: { a: '1' }, list: [0, 1, 2, 3, 4] },
    ],
    ['moves', [{ op: 'move', from: '/data/a', path: '/data/b' }], { data: { b: '1' }, list: [1, 2, 3] }],
    ['copies what is missing as null', [{ op: 'copy', from: '/none', path: '/data/x' }], { data: { a: '1', x: null }, list: [1, 2, 3] }],
    ['takes negative indexes', [{ op: 'replace', path: '/list/-1', value: 9 }], { data: { a: '1' }, list: [1, 2, 9] }],
    ['takes absence for null', [{ op: 'test', path: '/data/none', value: null }], document],
  ])('%s', (_, patch, expected) => expect(jsonPatch(document, patch)).toEqual(expected));

  it.each([
    [[{ op: 'remove', path: '/data/none' }]],
    [[{ op: 'test', path: '/data/a', value: '2' }]],
    [[{ op: 'test', path: '', value: {} }]],
    [[{ op: 'move', from: '/data', path: '/data/x' }]],
    [[{ op: 'increment', path: '/data/a' }]],
    [[{ op: 'add', value: 1 }]],
    [[{ op: 'add', path: '/list/99', value: 1 }]],
  ])('rejects %j', (patch) => expect(() => jsonPatch(document, patch)).toThrow(rejected));

  it('has to be a list', () =>
    expect(() => jsonPatch(document, {})).toThrow(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ));
});

describe('merge patch', () => {
  it('merges objects, replaces the rest, and null removes', () =>
    expect(mergePatch({ a: { x: 1, y: 2 }, l: [1] }, { a: { y: null, z: { n: null } }, l: [2] })).toEqual({ a: { x: 1, z: {} }, l: [2] }));
  it('has to be an object', () =>
    expect(() => mergePatch({}, [1])).toThrow('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'));
});

describe('strategic merge patch', () => {
  const schema = (fields: Record<string, MergeField>): MergeSchema => ({ field: (name) => fields[name] });
  const container = schema({ env: { patchStrategy: 'merge', patchMergeKey: 'name', element: schema({}) } });
  const pod = schema({
    containers: { patchStrategy: 'merge', patchMergeKey: 'name', element: container },
    volumes: { patchStrategy: 'merge,retainKeys', patchMergeKey: 'name', element: schema({}) },
    finalizers: { patchStrategy: 'merge' },
    tolerations: {},
  });
  const abc = { containers: [{ name: 'a', env: [{ name: 'A' }, { name: 'B' }, { name: 'C' }] }] };

  it('puts new elements first, as upstream does', () =>
    expect(strategicMergePatch(pod, { containers: [{ name: 'main' }] }, { containers: [{ name: 'side' }] })).toEqual({
      containers: [{ name: 'side' }, { name: 'main' }],
    }));

  it('orders by $setElementOrder, then live', () =>
    expect(
      strategicMergePatch(pod, abc, {
        containers: [{ name: 'a', '$setElementOrder/env': [{ name: 'C' }, { name: 'D' }, { name: 'A' }], env: [{ name: 'D' }] }],
      }),
    ).toEqual({ containers: [{ name: 'a', env: [{ name: 'B' }, { name: 'C' }, { name: 'D' }, { name: 'A' }] }] }));

  it('carries out directives', () => {
    expect(strategicMergePatch(pod, abc, { containers: [{ name: 'a', $patch: 'delete' }] })).toEqual({ containers: [] });
    expect(strategicMergePatch(pod, abc, { containers: [{ $patch: 'replace' }, { name: 'z' }] })).toEqual({ containers: [{ name: 'z' }] });
    expect(strategicMergePatch(pod, { labels: { a: '1' } }, { labels: { $patch: 'replace', b: '2' } })).toEqual({ labels: { b: '2' } });
    expect(strategicMergePatch(pod, { finalizers: ['a', 'b'] }, { '$deleteFromPrimitiveList/finalizers': ['a'] })).toEqual({ finalizers: ['b'] });
    expect(strategicMergePatch(pod, { finalizers: ['b'] }, { finalizers: ['c'] })).toEqual({ finalizers: ['c', 'b'] });
    const volumes = [{ name: 'v', emptyDir: {} }];
    const hostPath = { path: '/x' };
    expect(strategicMergePatch(pod, { volumes }, { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath }] })).toEqual({
      volumes: [{ name: 'v', hostPath }],
    });
  });

  it('replaces atomic lists', () => expect(strategicMergePatch(pod, { tolerations: [1, 2] }, { tolerations: [3] })).toEqual({ tolerations: [3] }));

  it('refuses in the words of upstream', () => {
    expect(() => strategicMergePatch(pod, abc, { containers: [{ image: 'x' }] })).toThrow(
      'map: map[image:x] does not contain declared merge key: name',
    );
    expect(() => strategicMergePatch(pod, { data: {} }, { data: { $patch: 'explode' } })).toThrow(
      'unknown patch type: explode in map: map[$patch:explode]',
    );
    expect(() => strategicMergePatch(pod, abc, { '$setElementOrder/containers': 'a' })).toThrow('expected a []interface {}, but received a string');
  });
});
