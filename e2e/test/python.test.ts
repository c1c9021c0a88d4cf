// The official Python client, on a cluster with controllers and a hollow node.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster.js';
import { pythonEnvironment, pythonMissing } from '../src/python-programs.js';
import { run } from '../src/run.js';

const missing = pythonMissing();
if (missing) console.log(`the Python client is skipped: ${missing}`);
const program = new URL('../clients/python/checks.py', import.meta.url).pathname;

describe.skipIf(missing)('the Python client', () => {
  const cluster = new Cluster(['--runtime', 'hollow', '--store', 'memory']);
  let python = '';

  beforeAll(async () => {
    python = await pythonEnvironment();
    await cluster.up();
  }, 600_000);
  afterAll(() => cluster.destroy());

  it('finds all as it should be', async () => {
    const { code, stdout, stderr } = await run(python, [program, cluster.kubectl.kubeconfig]);
    expect(stderr).toBe('');
    expect(stdout.match(/^ok /gm)).toHaveLength(11);
    expect(code).toBe(0);
  });
});
