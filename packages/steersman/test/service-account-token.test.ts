// A component that acts as a service account over HTTPS goes on when its token nears its end, and when its account was made anew.
import { type Clock, systemClock } from '@steersman/api';
import { type ApiTransport, Client, RestTransport, ServiceAccountToken } from '@steersman/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testServer } from '../../apiserver/test/memory-server.js';

const account = { namespace: 'kube-system', name: 'somebody' };
const stop = new AbortController();
let passedMs = 0;
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + passedMs };
let admin: Client;
let asked = 0;
let client: Client;

beforeAll(async () => {
  const { api, port, authority } = await testServer(stop.signal);
  admin = new Client(api);
  const counted: ApiTransport = Object.create(api, {
    create: {
      value: (...call: Parameters<ApiTransport['create']>) => {
        if (call[0].subresource === 'token') asked++;
        return api.create(...call);
      },
    },
  });
  const tokens = new ServiceAccountToken({ client: new Client(counted), clock, ...account, lifetimeSeconds: 3600 });
  client = new Client(new RestTransport({ server: `https://localhost:${port}`, ca: authority.cert, tokens }));
});
afterAll(() => stop.abort());

/** Who the API server takes the component for, which any authenticated user may ask. */
async function whoAmI(): Promise<string | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
  const { status } = await client.create<typeof review & { status?: { userInfo: { username: string } } }>(review);
  return status?.userInfo.username;
}

const somebody = 'system:serviceaccount:kube-system:somebody';

describe('the token of a service account', () => {
  it('is asked for once by requests at the same time, for an account that is made', async () => {
    expect(await Promise.all([whoAmI(), whoAmI(), whoAmI()])).toEqual([somebody, somebody, somebody]);
    expect(asked).toBe(1);
  });

  it('is asked for again before it runs out, and not sooner', async () => {
    passedMs += 2700_000;
    expect(await whoAmI()).toBe(somebody);
    expect(asked).toBe(1);
    passedMs += 300_000;
    expect(await whoAmI()).toBe(somebody);
    expect(asked).toBe(2);
  });

  it('is replaced where the server does not take it any more', async () => {
    await admin.delete('ServiceAccount', account);
    await admin.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
    await expect.poll(() => whoAmI().catch((error: { code?: number }) => error.code), { timeout: 5000 }).toBe(401);
    expect(await whoAmI()).toBe(somebody);
    expect(asked).toBe(3);
  });
});
