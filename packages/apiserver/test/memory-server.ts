// A real API server in the test's process, on a store in memory.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { silentLogger, systemClock, systemRandom } from '@steersman/api';
import type { ApiTransport } from '@steersman/client';
import { createAuthority, issueCertificate } from '@steersman/component-base';
import { MemoryStore } from '@steersman/storage';
import { ApiServer } from '../src/api-server.js';

const tools = { clock: systemClock, random: systemRandom };

/** The API of a server of its own, as its administrator; the server ends with the signal. */
export async function memoryServer(signal: AbortSignal): Promise<ApiTransport> {
  const authority = await createAuthority('test', tools);
  const serving = await issueCertificate(authority, { subject: { commonName: 'localhost' }, hosts: ['localhost'], usages: ['server'] }, tools);
  const server = new ApiServer({
    ...tools,
    logger: silentLogger,
    store: new MemoryStore(tools),
    https: { host: '127.0.0.1', port: await freePort(), ...serving, clientCa: authority.cert, advertiseAddress: '192.0.2.1' },
    serviceAccountKey: serving.key,
    connectNode: () => {
      throw new Error('there are no nodes');
    },
  });
  void server.run(signal).catch(() => {});
  await server.ready;
  return server.transport({ name: 'admin', groups: ['system:masters'] });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
