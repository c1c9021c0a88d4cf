// Records the README's picture: runs commands against a fresh cluster and draws what they print as an SVG of a terminal.
//   node scripts/record.mjs docs/story.svg IMAGE     IMAGE has sh, httpd and wget, and is in the local Docker Engine; as root
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [out, image] = process.argv.slice(2);
const main = new URL('../packages/steersman/dist/main.js', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'steersman-record-'));
const lines = [];

const cluster = spawn(process.execPath, [main, 'up', '--data-dir', dir, '--https-port', '6443'], { stdio: ['ignore', 'pipe', 'pipe'] });
prompt('steersman up');
await new Promise((resolve) => {
  for (const stream of [cluster.stderr, cluster.stdout])
    stream.on('data', (data) => {
      for (const line of String(data).trimEnd().split('\n')) lines.push({ text: line.replaceAll(dir, '/var/lib/steersman') });
      if (String(data).includes('ready in')) resolve();
    });
});
try {
  show(
    [
      'create',
      'deployment',
      'web',
      `--image=${image}`,
      '--replicas=3',
      '--',
      'sh',
      '-c',
      'hostname > /www/index.html; exec httpd -f -p 8080 -h /www',
    ],
    `kubectl create deployment web --image=${image} --replicas=3 -- sh -c '…'`,
  );
  show(['rollout', 'status', 'deployment/web']);
  show(['expose', 'deployment', 'web', '--port=80', '--target-port=8080']);
  show(['get', 'nodes']);
  show(['get', 'pods', '-o', 'wide']);
  show(['get', 'service,endpointslices', '-l', 'app=web']);
  show(
    ['exec', 'deploy/web', '--', 'sh', '-c', "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 web 80 | tail -1"],
    "kubectl exec deploy/web -- sh -c '… | nc web 80 | tail -1'",
  );
  show(['scale', 'deployment/web', '--replicas=5']);
  show(['get', 'deployment', 'web']);
} finally {
  cluster.kill('SIGTERM');
  await new Promise((resolve) => cluster.once('exit', resolve));
  execFileSync(process.execPath, [main, 'reset', '--data-dir', dir], { stdio: 'ignore' });
  rmSync(dir, { recursive: true, force: true });
}
writeFileSync(out, svg());

function prompt(text) {
  lines.push({ text: `$ ${text}`, typed: true });
}

function show(args, shown = `kubectl ${args.join(' ')}`) {
  prompt(shown);
  const output = execFileSync('kubectl', ['--kubeconfig', join(dir, 'kubeconfig'), ...args])
    .toString()
    .trimEnd();
  for (const line of output.split('\n')) lines.push({ text: line });
}

function svg() {
  const width = Math.max(...lines.map(({ text }) => text.length)) * 7.25 + 40;
  const height = lines.length * 17 + 50;
  const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/ /g, '\u00a0');
  const rows = lines.map(
    ({ text, typed }, index) => `<text x="20" y="${45 + index * 17}" fill="${typed ? '#7ee787' : '#e6edf3'}">${escaped(text)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12">`,
    '<title>steersman up, then kubectl creating, exposing, listing and scaling a deployment</title>',
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...['#ff5f56', '#ffbd2e', '#27c93f'].map((colour, index) => `<circle cx="${20 + index * 18}" cy="17" r="5" fill="${colour}"/>`),
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}
