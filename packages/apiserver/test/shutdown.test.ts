import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { adminToken, ask, statedUsers } from './https-requests.js';
import { testServer } from './memory-server.js';

it('says that it is not ready before it takes nothing more, and answers until then', async () => {
  const stop = new AbortController();
  const { port } = await testServer(stop.signal, { authenticators: [statedUsers], shutdownDelayMs: 1000 });
  const get = (path: string) => ask(port, 'GET', path, { token: adminToken });
  expect((await get('/readyz?verbose')).text).toContain('[+]shutdown ok');
  stop.abort();
  const { code, text } = await get('/readyz');
  expect(code).toBe(500);
  expect(text).toContain('[-]shutdown failed: reason withheld');
  expect((await get('/livez')).text).toBe('ok');
  expect((await get('/api/v1/namespaces/default')).code).toBe(200);
  await sleep(1500);
  await expect(get('/readyz')).rejects.toThrow();
});

it('answers with 504 what takes longer than a request may', async () => {
  const stop = new AbortController();
  const { port } = await testServer(stop.signal, { authenticators: [statedUsers], requestMs: 200 });
  // A body that is announced and does not come.
  const answer = await ask(port, 'POST', '/api/v1/namespaces/default/configmaps', {
    token: adminToken,
    body: '{',
    headers: { 'Content-Type': 'application/json', 'Content-Length': '10' },
  }).catch((error: NodeJS.ErrnoException) => error);
  stop.abort();
  expect(answer).toMatchObject({ code: 504, body: { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' } });
});
