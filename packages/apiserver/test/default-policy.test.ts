// The default roles and bindings of a cluster that starts again.
import { type ClusterRole, type ClusterRoleBinding, systemClock } from '@steersman/api';
import { Client } from '@steersman/client';
import { MemoryStore, type Store } from '@steersman/storage';
import { describe, expect, it } from 'vitest';
import { testServer } from './memory-server.js';

async function withServer(store: Store, use: (client: Client) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const { api } = await testServer(stop.signal, { store });
  await use(new Client(api)).finally(() => stop.abort());
}

const role = (client: Client, name: string): Promise<ClusterRole> => client.get('ClusterRole', { name });
const binding = (client: Client, name: string): Promise<ClusterRoleBinding> => client.get('ClusterRoleBinding', { name });
const extra = { verbs: ['get'], apiGroups: ['example.com'], resources: ['things'] };
const guest = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'guest' };

describe('default roles and bindings', () => {
  it('get back what they lack, and keep what was added', async () => {
    const store = new MemoryStore({ clock: systemClock });
    let before = '';
    await withServer(store, async (client) => {
      const discovery = await role(client, 'system:discovery');
      before = (await role(client, 'system:node')).metadata.resourceVersion ?? '';
      await client.update<ClusterRole>({ ...discovery, rules: [{ verbs: ['get'], nonResourceURLs: ['/version'] }, extra] });
      const basic = await binding(client, 'system:basic-user');
      await client.update<ClusterRoleBinding>({ ...basic, subjects: [guest] });
      const monitoring = await role(client, 'system:monitoring');
      const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
      await client.update<ClusterRole>({ ...monitoring, metadata: { ...monitoring.metadata, annotations }, rules: [] });
      const admin = await binding(client, 'cluster-admin');
      await client.delete('ClusterRoleBinding', { name: 'cluster-admin' });
      const { resourceVersion: _v, uid: _u, ...metadata } = admin.metadata;
      await client.create<ClusterRoleBinding>({ ...admin, metadata, roleRef: { ...admin.roleRef, name: 'view' } });
    });
    await withServer(store, async (client) => {
      const { rules = [] } = await role(client, 'system:discovery');
      expect(rules.slice(0, 2)).toEqual([{ verbs: ['get'], nonResourceURLs: ['/version'] }, extra]);
      expect(rules.flatMap(({ nonResourceURLs = [] }) => nonResourceURLs)).toContain('/openapi/*');
      const group = { kind: 'Group', apiGroup: guest.apiGroup, name: 'system:authenticated' };
      expect((await binding(client, 'system:basic-user')).subjects).toEqual([guest, group]);
      expect((await role(client, 'system:monitoring')).rules ?? []).toEqual([]);
      expect((await binding(client, 'cluster-admin')).roleRef.name).toBe('cluster-admin');
      expect((await role(client, 'system:node')).metadata.resourceVersion).toBe(before);
    });
  });
});
