import type { IPAddress, Service, ServiceCIDR } from '@steersman/api';
import { Client } from '@steersman/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryServer } from '../../../test/memory-server.js';

const stop = new AbortController();
let client: Client;

beforeAll(async () => {
  client = new Client(await memoryServer(stop.signal));
});
afterAll(() => stop.abort());

const service = (name: string, spec: Service['spec'] = {}): Service => ({
  kind: 'Service',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...spec } as NonNullable<Service['spec']>,
});

const addressOf = (name: string): Promise<IPAddress> => client.get('IPAddress', { name });

test('a service holds an object of the name of its address, until it is gone', async () => {
  const { spec } = await client.create(service('holder'));
  const held = await addressOf(spec?.clusterIP ?? '');
  expect(held.spec?.parentRef).toEqual({ resource: 'services', namespace: 'default', name: 'holder' });
  await client.delete('Service', { namespace: 'default', name: 'holder' });
  await expect(addressOf(spec?.clusterIP ?? '')).rejects.toThrow('not found');
});

test('an address that somebody has written down is not handed out', async () => {
  await client.create({
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: '10.96.7.7' },
    spec: { parentRef: { resource: 'services', namespace: 'other', name: 'reserved' } },
  } as IPAddress);
  await expect(client.create(service('late', { clusterIP: '10.96.7.7' } as Service['spec']))).rejects.toThrow('provided IP is already allocated');
});

test('a service that is refused after its address was taken gives it back', async () => {
  const refused = service('refused', { clusterIP: '10.96.9.9', sessionAffinity: 'Sometimes' } as Service['spec']);
  await expect(client.create(refused)).rejects.toThrow('Unsupported value');
  await expect(addressOf('10.96.9.9')).rejects.toThrow('not found');
});

test('a further range has addresses for services as soon as it is there', async () => {
  const outside = service('outside', { clusterIP: '10.200.0.5' } as Service['spec']);
  await expect(client.create(outside)).rejects.toThrow('the provided network does not match the current range');
  await client.create({
    kind: 'ServiceCIDR',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: 'more' },
    spec: { cidrs: ['10.200.0.0/24'] },
  } as ServiceCIDR);
  expect((await client.create(outside)).spec?.clusterIP).toBe('10.200.0.5');
  await expect(client.create(service('edge', { clusterIP: '10.200.0.255' } as Service['spec']))).rejects.toThrow(
    'the provided IP (10.200.0.255) is not in the valid range. The range of valid IPs is 10.200.0.0/24',
  );
});
