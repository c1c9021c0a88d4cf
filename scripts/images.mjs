// `npm run images`: builds an image of every component, steersman/NAME:TAG, with the local Docker Engine.
//   npm run images -- [--tag 0.1.0] [--base node:26-bookworm-slim] [NAME...]
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, must, root, say } from './prepare.mjs';

const components = ['apiserver', 'controller-manager', 'scheduler', 'cluster-dns', 'kubelet', 'overlay', 'kube-proxy'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tag: { type: 'string', default: '0.1.0' }, base: { type: 'string', default: 'node:26-bookworm-slim' } },
});
const unknown = positionals.find((name) => !components.includes(name));
if (unknown) fail(`there is no component ${unknown}: there are ${components.join(', ')}`);
if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) fail('no Docker Engine answers: start it');

await ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'steersman-images-'));
try {
  stage(folder);
  const base = `steersman/base:${values.tag}`;
  build(base, ['-f', join(root, 'deploy/base.Dockerfile'), '--build-arg', `NODE=${values.base}`, folder]);
  for (const name of positionals.length ? positionals : components)
    build(`steersman/${name}:${values.tag}`, ['--target', name, '--build-arg', `BASE=${base}`, join(root, 'deploy')]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function build(image, args) {
  say(`building ${image}`);
  must('docker', ['build', '--quiet', '-t', image, ...args]);
}

/** Puts what the components run into a folder: built packages without their sources, and npm packages without tools. */
function stage(target) {
  say('gathering what the components run');
  const { version, license, type, workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const whole = { name: 'steersman-images', private: true, version, license, type, workspaces: workspaces.filter((name) => name !== 'e2e') };
  writeFileSync(join(target, 'package.json'), JSON.stringify(whole));
  cpSync(join(root, 'package-lock.json'), join(target, 'package-lock.json'));
  for (const name of readdirSync(join(root, 'packages'))) {
    const [from, to] = [join(root, 'packages', name), join(target, 'packages', name)];
    mkdirSync(to, { recursive: true });
    const { files } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    for (const part of ['package.json', ...files.filter((file) => file !== 'src')])
      if (existsSync(join(from, part))) cpSync(join(from, part), join(to, part), { recursive: true });
  }
  must('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: target });
}

function fail(text) {
  process.stderr.write(`images: ${text}\n`);
  process.exit(1);
}
