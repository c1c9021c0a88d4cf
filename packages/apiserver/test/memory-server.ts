// A real API server in the test's process, on a store in memory.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { silentLogger, systemClock, systemRandom } from '@steersman/api';
import type { ApiTransport } from '@steersman/client';
import { createAuthority, issueCertificate, type KeyPair } from '@steersman/component-base';
import { MemoryStore } from '@steersman/storage';
import { ApiServer } from '../src/api-server.js';
import type { ApiServerOptions } from '../src/api-server-options.js';
import type { UserInfo } from '../src/authn/user.js';

const tools = { clock: systemClock, random: systemRandom };

/** The API of a server of its own, as its administrator; the server ends with the signal. */
export const memoryServer = async (signal: AbortSignal): Promise<ApiTransport> => (await testServer(signal)).api;

export interface TestServer {
  /** In memory, as administrator. */
  readonly api: ApiTransport;
  readonly port: number;
  readonly authority: KeyPair;
  /** In memory, as somebody else. */
  transport(user: UserInfo): Promise<ApiTransport>;
}

/** A server with options of the test's own, and its port; `hosts`: what else its certificate is good for. */
export async function testServer(
  signal: AbortSignal,
  { hosts = [], ...options }: Partial<ApiServerOptions> & { hosts?: string[] } = {},
): Promise<TestServer> {
  const authority = await createAuthority('test', tools);
  const serving = await issueCertificate(
    authority,
    { subject: { commonName: 'localhost' }, hosts: ['localhost', ...hosts], usages: ['server'] },
    tools,
  );
  const server = new ApiServer({
    ...tools,
    logger: silentLogger,
    store: new MemoryStore(tools),
    https: { host: '127.0.0.1', port: await freePort(), ...serving, clientCa: authority.cert, advertiseAddress: '192.0.2.1' },
    serviceAccountKey: serving.key,
    connectNode: () => {
      throw new Error('there are no nodes');
    },
    ...options,
  });
  const running = server.run(signal);
  running.catch(() => {});
  const port = await Promise.race([server.ready, running.then(() => 0)]);
  return {
    api: await server.transport({ name: 'admin', groups: ['system:masters'] }, 'test'),
    port,
    authority,
    transport: (user) => server.transport(user, 'test'),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
