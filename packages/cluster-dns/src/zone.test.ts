// What the cluster's zone answers.
import type { EndpointSlice, Service } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { answer, type ZoneSource } from './zone.js';

const services = [
  { metadata: { namespace: 'shop', name: 'web' }, spec: { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } },
  { metadata: { namespace: 'shop', name: 'db' }, spec: { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] } },
  { metadata: { namespace: 'shop', name: 'ext' }, spec: { type: 'ExternalName', externalName: 'example.org' } },
] as unknown as Service[];
const slices = [
  {
    metadata: { namespace: 'shop', labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['10.244.0.5'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.0.6'], conditions: { ready: false } },
    ],
    ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
  },
] as unknown as EndpointSlice[];

const source: ZoneSource = {
  domain: 'cluster.local',
  service: (namespace, name) => services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  slices: (namespace, service) =>
    slices.filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === service),
  services: () => services,
  allSlices: () => slices,
  hasNamespace: (name) => name === 'shop',
};

const ask = (name: string, type = 'A'): unknown => {
  const outcome = answer(source, name, type);
  return outcome.kind === 'found' ? outcome.records.map(({ data }) => data) : outcome.kind;
};

describe('the zone', () => {
  it.each([
    ['web.shop.svc.cluster.local', 'A', ['10.96.0.7']],
    ['WEB.shop.svc.cluster.local.', 'A', ['10.96.0.7']],
    ['web.shop.svc.cluster.local', 'AAAA', 'empty'],
    ['nobody.shop.svc.cluster.local', 'A', 'missing'],
    ['db.shop.svc.cluster.local', 'A', ['10.244.0.5']],
    ['db-0.db.shop.svc.cluster.local', 'A', ['10.244.0.5']],
    ['ext.shop.svc.cluster.local', 'A', ['example.org']],
    ['_http._tcp.web.shop.svc.cluster.local', 'SRV', [{ target: 'web.shop.svc.cluster.local', port: 80, priority: 0, weight: 100 }]],
    ['10-244-0-9.shop.pod.cluster.local', 'A', ['10.244.0.9']],
    ['7.0.96.10.in-addr.arpa', 'PTR', ['web.shop.svc.cluster.local']],
    ['5.0.244.10.in-addr.arpa', 'PTR', ['db-0.db.shop.svc.cluster.local']],
    ['example.org', 'A', 'foreign'],
    ['shop.svc.cluster.local', 'A', 'empty'],
  ])('answers %s %s', (name, type, expected) => {
    expect(ask(name, type)).toEqual(expected);
  });
});
