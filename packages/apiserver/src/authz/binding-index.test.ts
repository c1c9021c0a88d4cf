// Bindings are found by whoever is their subject, and are forgotten with them.
import type { ClusterRoleBinding, RoleBinding, Subject } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { CachedObject, encodeObject } from '../cache/cached-object.js';
import { ResourceCache } from '../cache/resource-cache.js';
import { BindingIndex } from './binding-index.js';

const group = 'rbac.authorization.k8s.io';
let revision = 1;

function bindingOf(name: string, subjects: readonly Subject[], namespace?: string): CachedObject {
  const kind = namespace ? 'RoleBinding' : 'ClusterRoleBinding';
  const object = {
    kind,
    apiVersion: `${group}/v1`,
    metadata: { name, ...(namespace && { namespace }) },
    subjects,
    roleRef: { kind: 'ClusterRole', name: 'r' },
  };
  return new CachedObject(namespace ? `/b/${namespace}/${name}` : `/b/${name}`, revision++, encodeObject(object as unknown as never));
}

const user = (name: string): Subject => ({ kind: 'User', name });
const names = (found: readonly { binding: RoleBinding | ClusterRoleBinding; subject: Subject }[]): string[] =>
  found.map(({ binding, subject }) => `${binding.metadata.name} as ${subject.kind} ${subject.name}`);

describe('the index of bindings', () => {
  it('finds a user by name, by group and as a service account, each binding once', () => {
    const cache = new ResourceCache('/b/');
    cache.load(
      [bindingOf('two', [{ kind: 'Group', name: 'dev' }, user('ann')]), bindingOf('one', [user('ann')]), bindingOf('none', [user('bob')])],
      1,
    );
    cache.applyPut(bindingOf('here', [{ kind: 'ServiceAccount', name: 'sa' }], 'ns'));
    const index = new BindingIndex(cache);
    expect(names(index.of({ name: 'ann', groups: ['dev'] }))).toEqual(['one as User ann', 'two as Group dev']);
    expect(names(index.of({ name: 'system:serviceaccount:ns:sa', groups: [] }, 'ns'))).toEqual(['here as ServiceAccount sa']);
    expect(index.of({ name: 'system:serviceaccount:ns:sa', groups: [] })).toEqual([]);
  });

  it('follows bindings that change and go', () => {
    const cache = new ResourceCache('/b/');
    const index = new BindingIndex(cache);
    cache.applyPut(bindingOf('one', [user('ann')]));
    cache.applyPut(bindingOf('one', [user('bob')]));
    expect(names(index.of({ name: 'ann', groups: [] }))).toEqual([]);
    expect(names(index.of({ name: 'bob', groups: [] }))).toEqual(['one as User bob']);
    cache.applyDelete('/b/one', revision++);
    expect(index.of({ name: 'bob', groups: [] })).toEqual([]);
  });
});
