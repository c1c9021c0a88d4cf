// Measures the all-in-one on Docker: time from `up` to ready, pod start with the image present, idle memory and CPU.
//   node bench/node-bench.mjs IMAGE [PODS]        IMAGE must be in the local Docker Engine and have `sleep`; run as root
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [image, count = '30'] = process.argv.slice(2);
if (!image) {
  console.error('usage: node bench/node-bench.mjs IMAGE [PODS]');
  process.exit(1);
}
const main = new URL('../packages/steersman/dist/main.js', import.meta.url).pathname;
const port = 7499;
const ticks = Number(execFileSync('getconf', ['CLK_TCK']).toString());

const upTimes = [];
for (let round = 0; round < 3; round++) {
  const cluster = await up(mkdtempSync(join(tmpdir(), 'steersman-bench-')));
  upTimes.push(cluster.ms);
  if (round === 2) await measure(cluster);
  await down(cluster);
}
console.log(`up to ready (fresh data, embedded store): ${upTimes.map(Math.round).join(', ')} ms`);

async function measure(cluster) {
  const kubectl = (...args) => execFileSync('kubectl', ['--kubeconfig', join(cluster.dir, 'kubeconfig'), ...args]).toString();
  const times = [];
  for (let n = 0; n < Number(count); n++) {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `bench-${n}` },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image, command: ['sleep', '3600'] }] },
    };
    execFileSync('kubectl', ['--kubeconfig', join(cluster.dir, 'kubeconfig'), 'create', '-f', '-'], { input: JSON.stringify(pod) });
    const created = performance.now();
    kubectl('wait', '--for=jsonpath={.status.phase}=Running', `pod/bench-${n}`, '--timeout=30s');
    times.push(performance.now() - created);
  }
  times.sort((a, b) => a - b);
  console.log(
    `pod start, ${count} one after another, from created to seen Running by kubectl wait: p50 ${Math.round(times[Math.floor(times.length / 2)])} ms, p99 ${Math.round(times[Math.ceil(times.length * 0.99) - 1])} ms`,
  );
  kubectl('delete', 'pods', '--all', '--now');
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const before = usage(cluster.child.pid);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const after = usage(cluster.child.pid);
  console.log(
    `idle with one node: ${after.mib} MiB resident, ${(((after.ticks - before.ticks) / ticks / 20) * 100).toFixed(1)}% of a core over 20 s`,
  );
}

function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
  return { ticks: Number(fields[11]) + Number(fields[12]), mib: Math.round(Number(rss) / 1024) };
}

function up(dir) {
  const child = spawn(process.execPath, [main, 'up', '--data-dir', dir, '--https-port', String(port), '--runtime', 'docker'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const started = performance.now();
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => String(data).includes('ready in') && resolve({ child, dir, ms: performance.now() - started }));
    child.once('exit', (code) => reject(new Error(`the cluster ended with ${code}`)));
  });
}

async function down({ child, dir }) {
  child.removeAllListeners('exit');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
  execFileSync(process.execPath, [main, 'reset', '--data-dir', dir], { stdio: 'ignore' });
  rmSync(dir, { recursive: true, force: true });
}
