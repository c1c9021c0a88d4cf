// Components over gRPC are who their certificate or token says they are, may do what they may over REST, and are audited as well.
import { systemClock, systemRandom } from '@steersman/api';
import { GrpcTransport } from '@steersman/client';
import { createAuthority, issueCertificate, type KeyPair } from '@steersman/component-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../src/audit/audit-event.js';
import { statedUsers } from './https-requests.js';
import { freePort, testServer } from './memory-server.js';

const tools = { clock: systemClock, random: systemRandom };
const stop = new AbortController();
const events: AuditEvent[] = [];
let authority: KeyPair;
let address: string;

beforeAll(async () => {
  authority = await createAuthority('test', tools);
  const serving = await issueCertificate(
    authority,
    { subject: { commonName: 'localhost' }, hosts: ['kubernetes.default.svc'], usages: ['server'] },
    tools,
  );
  address = `127.0.0.1:${await freePort()}`;
  await testServer(stop.signal, {
    authenticators: [statedUsers],
    grpc: { address, tls: { ca: authority.cert, ...serving } },
    audit: { policy: { rules: [{ level: 'Metadata', users: ['ann', 'root'] }] }, backends: [{ log: (event) => void events.push(event) }] },
  });
});
afterAll(() => stop.abort());

async function transportOf(commonName: string, ...organizations: string[]): Promise<GrpcTransport> {
  const identity = await issueCertificate(authority, { subject: { commonName, organizations }, usages: ['client'] }, tools);
  return new GrpcTransport(address, { ca: authority.cert, ...identity }, 'test');
}

const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
const map = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

describe('gRPC', () => {
  it('knows its callers by certificate, and refuses what they may not', async () => {
    const root = await transportOf('root', 'system:masters');
    const ann = await transportOf('ann');
    await root.create(configMaps, map('one'), {});
    expect((await root.list(configMaps, {})).items.map(({ metadata }) => metadata?.name)).toContain('one');
    await expect(ann.list(configMaps, {})).rejects.toThrow('User "ann" cannot list resource "configmaps"');
    await expect(ann.create(configMaps, map('two'), {})).rejects.toThrow('User "ann" cannot create resource "configmaps"');
    await expect(ann.get({ ...configMaps, name: 'one' }, {})).rejects.toThrow('User "ann" cannot get resource "configmaps"');
    await expect(ann.delete({ ...configMaps, name: 'one' }, {})).rejects.toThrow('User "ann" cannot delete resource "configmaps"');
  });

  it('is audited', async () => {
    const done = events.filter(({ stage }) => stage === 'ResponseComplete');
    const said = (user: string): string[] =>
      done
        .filter((event) => event.user.username === user)
        .map(({ verb, responseStatus, annotations }) => `${verb} ${responseStatus?.code} ${annotations?.['authorization.k8s.io/decision']}`);
    expect(said('root')).toEqual(['create 201 allow', 'list 200 allow']);
    expect(said('ann').sort()).toEqual(['create 403 forbid', 'delete 403 forbid', 'get 403 forbid', 'list 403 forbid']);
    expect(done[0]).toMatchObject({
      requestURI: '/api/v1/namespaces/default/configmaps',
      objectRef: { name: 'one' },
      userAgent: expect.stringContaining('test'),
    });
  });
});
