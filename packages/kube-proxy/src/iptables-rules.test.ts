// Service rules as iptables-restore text.
import type { EndpointSlice, Service } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { iptablesText } from './iptables-rules.js';
import { serviceRules } from './rule-model.js';

const service = (spec: object): Service =>
  ({
    metadata: { namespace: 'default', name: 'web' },
    spec: { clusterIP: '10.96.0.7', ports: [{ name: '', port: 80, protocol: 'TCP', nodePort: 30080 }], ...spec },
  }) as unknown as Service;

const slice = (...endpoints: { address: string; ready?: boolean; node?: string }[]): EndpointSlice =>
  ({
    metadata: { namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: endpoints.map(({ address, ready = true, node = 'n1' }) => ({
      addresses: [address],
      nodeName: node,
      conditions: { ready, serving: true, terminating: !ready },
    })),
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  }) as unknown as EndpointSlice;

const text = (spec: object, ...slices: EndpointSlice[]): string =>
  iptablesText(serviceRules({ services: [service(spec)], slices, nodeName: 'n1' }), { clusterCidr: '10.244.0.0/16' }).text;

describe('service rules', () => {
  it('refuse what has no endpoints', () => {
    expect(text({}, slice())).toMatch(/-A KUBE-SERVICES .*-d 10\.96\.0\.7\/32 --dport 80 -j REJECT/);
  });

  it('give each endpoint the same chance', () => {
    const rules = text({}, slice({ address: '10.244.0.2' }, { address: '10.244.0.3' }, { address: '10.244.0.4' }));
    expect(rules).toMatch(/--probability 0\.3333333333/);
    expect(rules).toMatch(/--probability 0\.5000000000/);
    expect(rules.match(/-j DNAT/g)).toHaveLength(3);
  });

  it('lead node ports to local endpoints only where the source is to be kept', () => {
    const rules = text({ type: 'NodePort', externalTrafficPolicy: 'Local' }, slice({ address: '10.244.0.2' }, { address: '10.244.1.2', node: 'n2' }));
    expect(rules).toMatch(/KUBE-NODEPORTS .*--dport 30080 -j KUBE-EXT-/);
    expect(rules).toMatch(/:KUBE-SVL-/);
  });

  it('fall back to endpoints that end but still serve', () => {
    expect(text({}, slice({ address: '10.244.0.2', ready: false }))).toMatch(/--to-destination 10\.244\.0\.2:8080/);
  });

  it('keep a client with its endpoint', () => {
    expect(text({ sessionAffinity: 'ClientIP' }, slice({ address: '10.244.0.2' }))).toMatch(/-m recent --name KUBE-SEP-\w+ --rcheck --seconds 10800/);
  });

  it('remove chains that are no longer needed', () => {
    const { text: rules } = iptablesText([], { clusterCidr: '10.244.0.0/16' }, new Set(['KUBE-SVC-OLD']));
    expect(rules).toMatch(/:KUBE-SVC-OLD - \[0:0\][\s\S]*-X KUBE-SVC-OLD/);
  });
});
