import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readBody } from '../src/facade/resource-routes.js';

it('gives up a body beyond the limit and leaves its connection for the answer', async () => {
  const chunks = Array.from({ length: 40 }, () => Buffer.alloc(1024 ** 2));
  const request = Object.assign(Readable.from(chunks), { headers: {} });
  await expect(readBody(request as never)).rejects.toMatchObject({ code: 413 });
  expect(request.destroyed).toBe(false);
});
