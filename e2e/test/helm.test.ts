// Helm 3, built from its module, with the chart in e2e/clients/helm: releases come, change, go back, are tested and go.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster.js';
import { goMissing, goProgram } from '../src/go-programs.js';
import { eventually, type Output, run } from '../src/run.js';

const missing = goMissing();
if (missing) console.log(`Helm is skipped: ${missing}`);

const chart = new URL('../clients/helm/chart', import.meta.url).pathname;

describe.skipIf(missing)('Helm', () => {
  const cluster = new Cluster(['--runtime', 'hollow', '--store', 'memory']);
  const { kubectl } = cluster;
  let program = '';

  beforeAll(async () => {
    program = await goProgram('helm');
    await cluster.up();
  }, 900_000);
  afterAll(() => cluster.destroy());

  const helm = (...args: string[]): Promise<Output> => {
    const home = join(cluster.dataDir, 'helm');
    return run(program, ['--kubeconfig', kubectl.kubeconfig, ...args], {
      env: { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home },
    });
  };
  const done = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await helm(...args);
    if (code !== 0) throw new Error(`helm ${args.join(' ')} exited with ${code}: ${stderr}`);
    return stdout;
  };
  const field = (object: string, path: string): Promise<string> => kubectl.run(['get', ...object.split(' '), '-o', `jsonpath={${path}}`]);

  it('asks the server what an installation would do, and does nothing', async () => {
    const { code, stderr } = await helm('install', 'pier', chart, '--dry-run=server', '--skip-crds');
    expect(code).toBe(1);
    expect(stderr).toContain('resource mapping not found for name: "pier" namespace: "" from "": no matches for kind "Boat"');
    await kubectl.run(['apply', '-f', join(chart, 'crds')]);
    await kubectl.run('wait --for=condition=Established crd/boats.harbour.example.com');
    expect(await done('install', 'pier', chart, '--dry-run=server')).toContain('STATUS: pending-install');
    expect(await kubectl.run('get deployments,boats,secrets -o name')).toBe('');
    await kubectl.run('delete crd boats.harbour.example.com');
  });

  it('installs with its own kind and hooks, and waits for what it made', async () => {
    const out = await done('install', 'pier', chart, '--wait', '--timeout=60s');
    expect(out).toContain('STATUS: deployed');
    expect(out).toContain('pier says ahoy (revision 1).');
    expect(await field('deployment pier', '.status.readyReplicas')).toBe('1');
    expect(await field('boat pier', '.spec.sails')).toBe('2');
    expect(await kubectl.run('get configmaps pier-pre-install pier-post-install -o name')).toBe(
      'configmap/pier-pre-install\nconfigmap/pier-post-install\n',
    );
    expect(await kubectl.run(['get', 'secret', 'sh.helm.release.v1.pier.v1', '-o', 'jsonpath={.type}'])).toBe('helm.sh/release.v1');
  });

  it('upgrades by three-way patches that leave alone what others wrote', async () => {
    const key = await field('secret pier-key', '.data.key');
    await kubectl.run('annotate deployment pier kept=yes');
    expect(await done('upgrade', 'pier', chart, '--set', 'replicas=3,greeting=hello,boatSails=4', '--wait', '--timeout=60s')).toContain(
      'REVISION: 2',
    );
    expect(await field('deployment pier', '.spec.replicas} {.status.readyReplicas} {.metadata.annotations.kept')).toBe('3 3 yes');
    expect(await field('configmap pier-settings', '.data.GREETING')).toBe('hello');
    expect(await field('boat pier', '.spec.sails')).toBe('4');
    expect(await field('secret pier-key', '.data.key')).toBe(key);
  });

  it('says what the server refuses, and keeps the release that was', async () => {
    const { code, stderr } = await helm('upgrade', 'pier', chart, '--set', 'boatSails=0');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Boat.harbour.example.com "pier" is invalid: spec.sails: Invalid value: 0: spec.sails in body should be greater than or equal to 1',
    );
    expect(await done('history', 'pier', '-o', 'json')).toMatch(/"revision":2,[^}]*"status":"deployed"[^}]*},\{"revision":3,[^}]*"status":"failed"/);
  });

  it('rolls back', async () => {
    expect(await done('rollback', 'pier', '1', '--wait', '--timeout=60s')).toBe('Rollback was a success! Happy Helming!\n');
    await eventually(async () => expect(await field('deployment pier', '.spec.replicas} {.status.readyReplicas')).toBe('1 1'));
    expect(await field('configmap pier-settings', '.data.GREETING')).toBe('ahoy');
    expect(await field('configmap pier-pre-rollback', '.data.revision')).toBe('1');
  });

  it.each([
    ['Succeeded', 0, /Phase:\s+Succeeded/],
    ['Failed', 1, /pod pier-greets failed/],
  ])('tests a release whose pod has %s', async (phase, expected, said) => {
    // Of what was there before, the pod must be another one.
    const before = await kubectl.try(['get', 'pod', 'pier-greets', '-o', 'jsonpath={.metadata.uid}']);
    const testing = helm('test', 'pier', '--timeout=60s');
    await eventually(async () => expect(await field('pod pier-greets', '.metadata.uid')).not.toBe(before.stdout));
    await kubectl.run(['patch', 'pod', 'pier-greets', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { phase } })]);
    const { code, stdout, stderr } = await testing;
    expect(code).toBe(expected);
    expect(stdout + stderr).toMatch(said);
  });

  it('uninstalls, with hooks, and leaves its kind', async () => {
    expect(await done('uninstall', 'pier', '--wait', '--timeout=60s')).toBe('release "pier" uninstalled\n');
    await eventually(async () => expect(await kubectl.run('get deployments,replicasets,boats,secrets -o name')).toBe(''));
    // What hooks made is left to their own policies.
    await eventually(async () => expect(await kubectl.run('get pods -o name')).toBe('pod/pier-greets\n'));
    expect(await kubectl.run('get configmaps pier-pre-delete pier-post-delete -o name')).toBe(
      'configmap/pier-pre-delete\nconfigmap/pier-post-delete\n',
    );
    expect(await kubectl.run('get crd boats.harbour.example.com -o name')).toContain('boats');
    expect(await done('list', '-a', '-q')).toBe('');
  });

  it('undoes an installation that does not come up', async () => {
    const { code, stderr } = await helm(
      'install',
      'reef',
      chart,
      '--atomic',
      '--timeout=3s',
      '--set',
      'replicas=1',
      '--no-hooks',
      '--set-json',
      'boatSails=0',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('release reef failed, and has been uninstalled due to atomic being set');
    expect(await kubectl.run('get deployments,secrets -o name')).toBe('');
  });
});
