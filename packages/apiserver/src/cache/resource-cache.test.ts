import { describe, expect, it } from 'vitest';
import { CachedObject } from './cached-object.js';
import { ResourceCache } from './resource-cache.js';

const object = (name: string, revision: number): CachedObject =>
  CachedObject.fromBytes(`/registry/configmaps/default/${name}`, revision, Buffer.from(`{"kind":"ConfigMap","metadata":{"name":"${name}"}}`));

describe('ResourceCache', () => {
  it('is not led astray by changes from before it was loaded', () => {
    const cache = new ResourceCache('/registry/configmaps/');
    cache.load([object('again', 12)], 15);
    const seen: string[] = [];
    cache.follow(({ type, revision }) => seen.push(`${type} ${revision}`));
    cache.applyPut(object('gone', 10));
    cache.applyDelete('/registry/configmaps/default/again', 11);
    cache.applyPut(object('again', 12));
    cache.applyDelete('/registry/configmaps/default/gone', 14);
    expect(cache.list().map(({ key }) => key)).toEqual(['/registry/configmaps/default/again']);
    expect(seen).toEqual([]);
    cache.applyDelete('/registry/configmaps/default/again', 16);
    expect(seen).toEqual(['DELETED 16']);
  });
});
