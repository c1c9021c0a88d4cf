// Tokens out of a file, as upstream reads it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TokenFile } from './token-file.js';

const dir = mkdtempSync(join(tmpdir(), 'steersman-tokens-'));
const file = join(dir, 'tokens.csv');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a token file', () => {
  it('names users, with or without groups', async () => {
    writeFileSync(file, 'abc,ann,1,"dev,ops"\ndef,bob,2\nghi,"carol, the",,one\n');
    const tokens = new TokenFile(file, ['api']);
    const userOf = async (token: string): Promise<unknown> => (await tokens.review(token, ['api']))?.user;
    expect(await userOf('abc')).toEqual({ name: 'ann', uid: '1', groups: ['dev', 'ops', 'system:authenticated'] });
    expect(await userOf('def')).toEqual({ name: 'bob', uid: '2', groups: ['system:authenticated'] });
    expect(await userOf('ghi')).toEqual({ name: 'carol, the', groups: ['one', 'system:authenticated'] });
    expect(await userOf('ab')).toBeUndefined();
    expect(await tokens.review('abc', ['elsewhere'])).toBeUndefined();
  });

  it('is refused where a line names no user', () => {
    writeFileSync(file, 'abc,ann\n\nalone\n');
    expect(() => new TokenFile(file, [])).toThrow(/tokens.csv:3 is no line of tokens/);
  });
});
