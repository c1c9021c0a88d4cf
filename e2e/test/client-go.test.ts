// client-go, by JSON and by protobuf, on a cluster with controllers and a hollow node.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster.js';
import { goMissing, goProgram } from '../src/go-programs.js';
import { run } from '../src/run.js';

const missing = goMissing();
if (missing) console.log(`client-go is skipped: ${missing}`);

describe.skipIf(missing)('client-go', () => {
  const cluster = new Cluster(['--runtime', 'hollow', '--store', 'memory']);
  let program = '';

  beforeAll(async () => {
    program = await goProgram('client-go');
    await cluster.up();
  }, 900_000);
  afterAll(() => cluster.destroy());

  it.each(['application/json', 'application/vnd.kubernetes.protobuf'])('finds all as it should be by %s', async (contentType) => {
    const { code, stdout, stderr } = await run(program, ['--kubeconfig', cluster.kubectl.kubeconfig, '--content-type', contentType]);
    expect(stdout, stderr).not.toContain('failed');
    expect(stdout.match(/^ok /gm)).toHaveLength(27);
    expect(code).toBe(0);
  });
});
