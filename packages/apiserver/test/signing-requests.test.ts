// Who may approve, sign and ask for certificates.
import { createSigningRequest } from '@steersman/component-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const stop = new AbortController();
let server: TestServer;
const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };

beforeAll(async () => {
  server = await testServer(stop.signal, { authenticators: [statedUsers] });
  const rule = (verbs: string[], resources: string[], resourceNames?: string[]): object => ({
    apiGroups: ['certificates.k8s.io'],
    verbs,
    resources,
    ...(resourceNames && { resourceNames }),
  });
  const write = rule(['*'], ['certificatesigningrequests', 'certificatesigningrequests/approval', 'certificatesigningrequests/status']);
  const roles = {
    none: [write],
    'one-signer': [write, rule(['approve', 'sign'], ['signers'], ['example.com/one'])],
    domain: [write, rule(['approve', 'sign'], ['signers'], ['example.com/*'])],
  };
  for (const [name, rules] of Object.entries(roles)) {
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await server.api.create({ ...rbac, resource: 'clusterroles' }, { apiVersion, kind: 'ClusterRole', metadata: { name }, rules }, {});
    const roleRef = { apiGroup: rbac.group, kind: 'ClusterRole', name };
    const subjects = [{ kind: 'User', apiGroup: rbac.group, name }];
    await server.api.create(
      { ...rbac, resource: 'clusterrolebindings' },
      { apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects },
      {},
    );
  }
});
afterAll(() => stop.abort());

async function create(name: string, signerName: string, organization = 'dev'): Promise<{ code: number; message?: string | undefined }> {
  const { request } = await createSigningRequest({ commonName: 'ann', organizations: [organization] });
  const spec = { request: Buffer.from(request).toString('base64'), signerName, usages: ['client auth'] };
  const body = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec };
  const { code, body: answer } = await ask(server.port, 'POST', path, { token: adminToken, body });
  return { code, message: answer.message };
}

const condition = (type: string): object => ({ type, status: 'True', reason: 'r', message: 'm' });
const headers = { 'Content-Type': 'application/merge-patch+json' };
const change = (user: string, name: string, part: string, status: object): ReturnType<typeof ask> =>
  ask(server.port, 'PATCH', `${path}/${name}/${part}`, { token: tokenOf(user), body: { status }, headers });

describe('signing requests', () => {
  it('are approved by those who may approve for the signer, or for its whole domain', async () => {
    for (const name of ['one', 'two']) expect(await create(name, `example.com/${name}`)).toMatchObject({ code: 201 });
    const approve = async (user: string, name: string): Promise<string> => {
      const { code, body } = await change(user, name, 'approval', { conditions: [condition('Approved')] });
      return code === 200 ? 'approved' : `${code} ${body.message}`;
    };
    const refused = (name: string): string =>
      `403 certificatesigningrequests.certificates.k8s.io "${name}" is forbidden: user not permitted to approve requests with signerName "example.com/${name}"`;
    expect(await approve('none', 'one')).toBe(refused('one'));
    expect(await approve('one-signer', 'two')).toBe(refused('two'));
    expect(await approve('one-signer', 'one')).toBe('approved');
    expect(await approve('domain', 'two')).toBe('approved');
  });

  it('get certificates and failures from those who may sign', async () => {
    const fail = async (user: string, name: string): Promise<string> => {
      const conditions = [condition('Approved'), condition('Failed')];
      const { code, body } = await change(user, name, 'status', { conditions });
      return code === 200 ? 'written' : `${code} ${body.message}`;
    };
    expect(await fail('none', 'one')).toBe(
      '403 certificatesigningrequests.certificates.k8s.io "one" is forbidden: user not permitted to sign requests with signerName "example.com/one"',
    );
    expect(await fail('one-signer', 'two')).toMatch(/^403/);
    expect(await fail('one-signer', 'one')).toBe('written');
    expect(await fail('domain', 'two')).toBe('written');
  });

  it('never make members of system:masters', async () => {
    expect(await create('client', 'kubernetes.io/kube-apiserver-client')).toMatchObject({ code: 201 });
    expect(await create('masters', 'kubernetes.io/kube-apiserver-client', 'system:masters')).toEqual({
      code: 403,
      message:
        'certificatesigningrequests.certificates.k8s.io "masters" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    });
    expect(await create('others', 'example.com/one', 'system:masters')).toMatchObject({ code: 201 });
  });
});
