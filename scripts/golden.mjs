// Plays the golden suites against our own clusters and holds the totals against e2e/golden-ratchet.json, below which they may
// not fall. The suites are not part of the repository: where ../shared/golden is absent they are skipped, with that reason.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedNode, root, say } from './prepare.mjs';

const golden = join(root, '../shared/golden');
const ratchetFile = join(root, 'e2e/golden-ratchet.json');

/** Each suite, what it is played against, and what it needs. */
const suites = [
  { name: 'visible', retries: true, up: ['--store', 'memory', '--only', 'api', '--runtime', 'none'] },
  { name: 'visible', store: 'embedded', retries: true, up: ['--store', 'embedded', '--only', 'api', '--runtime', 'none'] },
  { name: 'visible', store: 'etcd', retries: true, up: ['--store', 'etcd', '--only', 'api', '--runtime', 'none'] },
  { name: 'controllers', up: ['--store', 'memory', '--runtime', 'none'], play: ['--patience', '8'] },
  { name: 'nodes', up: ['--store', 'memory', '--runtime', 'docker'], docker: true, play: ['--patience', '10'] },
];

/** The outcome of each suite: passed, failed or skipped. */
export async function playGolden(only = []) {
  const ratchet = JSON.parse(readFileSync(ratchetFile, 'utf8'));
  const outcomes = [];
  for (const suite of suites) {
    if (only.length && !only.includes(suite.name)) continue;
    const reason = whyNot(suite);
    const title = suite.store ? `${suite.name} on ${suite.store}` : suite.name;
    if (reason) {
      console.log(`golden ${title}: skipped: ${reason}`);
      outcomes.push('skipped');
      continue;
    }
    const { passed, failed } = await play(suite);
    const total = passed + failed;
    const floor = ratchet[suite.name];
    const ok = total > 0 && passed >= floor;
    console.log(`golden ${title}: ${passed} of ${total} steps (floor ${floor}): ${ok ? 'ok' : 'FELL'}`);
    outcomes.push(ok ? 'passed' : 'failed');
  }
  return outcomes;
}

function whyNot({ docker, store }) {
  if (!existsSync(golden)) return '../shared/golden is not here';
  if (docker && spawnSync('docker', ['image', 'inspect', 'golden/box:1'], { stdio: 'ignore' }).status !== 0)
    return 'the images golden/box:* are not in a local Docker Engine (make them with ../shared/golden/images.sh)';
  if (store === 'etcd' && !etcdPath) return 'etcd is not installed (Debian: etcd-server)';
  if (docker && process.getuid?.() !== 0) return 'real nodes need root';
  return undefined;
}

/** More than so many scenarios are not lost to a busy machine. */
const mostRetried = 5;

function counted(output) {
  const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(output) ?? [undefined, 0, 0];
  return { passed: Number(passed), failed: Number(failed) };
}

const failedScenarios = (output) => [...new Set([...output.matchAll(/^FAIL (.+?) #\d+/gm)].map(([, id]) => id))];

/** Whom the recordings were made as. */
const admin = { token: 'golden', line: 'golden,admin,admin,system:masters\n' };

async function play({ name, store, up, retries, play: more = [] }) {
  say(`golden suite ${name}${store ? ` on ${store}` : ''}`);
  const dataDir = mkdtempSync(join(tmpdir(), `steersman-golden-${name}-`));
  const port = await freePort();
  const main = join(root, 'packages/steersman/dist/main.js');
  const tokens = `${dataDir}.tokens.csv`;
  writeFileSync(tokens, admin.line, { mode: 0o600 });
  const etcd = store === 'etcd' ? await startEtcd(`${dataDir}.etcd`) : undefined;
  const flags = [
    '--data-dir',
    dataDir,
    '--https-port',
    String(port),
    '--token-auth-file',
    tokens,
    ...(etcd ? ['--etcd-endpoints', etcd.endpoint] : []),
  ];
  const cluster = spawn(pinnedNode(), [main, 'up', ...flags, ...up], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await ready(cluster);
    const server = ['--server', `https://127.0.0.1:${port}`, '--token', admin.token];
    const files = ['--suite', join(golden, name), '--golden', join(golden, 'goldens', `${name}.json`)];
    const playing = (...args) =>
      collect(
        spawn(pinnedNode(), [join(golden, 'golden.mjs'), 'play', ...server, ...files, ...more, ...args], {
          cwd: golden,
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      );
    const output = await playing();
    for (const line of output.split('\n')) if (/^\w[\w ]*: \d+\/\d+$/.test(line.trim())) console.log(`  ${line.trim()}`);
    const first = counted(output);
    const lost = failedScenarios(output);
    if (!retries || lost.length === 0 || lost.length > mostRetried) return first;
    for (const line of output.split('\n')) if (line.startsWith('FAIL ')) console.log(`  ${line}`);
    // A busy machine can make a step late: whoever fails twice has failed.
    const again = counted(await playing('--only', `^(${lost.map((id) => id.replace(/[^\w /-]/g, '\\$&')).join('|')})$`));
    console.log(`  at a second look ${again.failed} of their steps fail`);
    return { passed: first.passed + first.failed - again.failed, failed: again.failed };
  } finally {
    await stop(cluster);
    spawnSync(pinnedNode(), [main, 'reset', '--data-dir', dataDir], { stdio: 'ignore' });
    if (etcd) await stop(etcd.process);
    for (const path of [dataDir, tokens, `${dataDir}.etcd`]) rmSync(path, { recursive: true, force: true });
  }
}

const etcdPath = ['/usr/bin/etcd', '/usr/local/bin/etcd'].find(existsSync);

async function startEtcd(dir) {
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer];
  const cluster = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`];
  return { endpoint: client, process: spawn(etcdPath, ['--data-dir', dir, '--log-level', 'error', ...urls, ...cluster], { stdio: 'ignore' }) };
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

function ready(child) {
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => String(data).includes('ready in') && resolve());
    child.once('exit', (code) => reject(new Error(`the cluster ended with exit code ${code}`)));
  });
}

function collect(child) {
  return new Promise((resolve) => {
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.once('close', () => resolve(output));
  });
}

function stop(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}

if (process.argv[1] === import.meta.filename) {
  const outcomes = await playGolden(process.argv.slice(2));
  process.exit(outcomes.includes('failed') ? 1 : 0);
}
