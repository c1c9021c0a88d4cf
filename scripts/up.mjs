// `npm run up`: installs and builds what is missing, then runs `steersman up` with the flags given after `--`.
// With --install-docker it first installs Docker Engine from the distribution and starts it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, pinnedNode, root, say } from './prepare.mjs';

const flags = process.argv.slice(2);
const installDocker = flags.includes('--install-docker');

if (installDocker) ensureDocker();
await ensureBuilt();
const child = spawn(pinnedNode(), [join(root, 'packages/steersman/dist/main.js'), 'up', ...flags.filter((flag) => flag !== '--install-docker')], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));

function ensureDocker() {
  if (run('docker', ['info'])) return;
  if (process.getuid?.() !== 0) fail('--install-docker installs packages: run it as root, or install Docker Engine yourself');
  if (!existsSync('/usr/bin/apt-get'))
    fail('--install-docker knows Debian and Ubuntu only: install Docker Engine with the tools of your distribution');
  if (!run('which', ['dockerd'])) {
    say('installing Docker Engine (docker.io) and iptables');
    if (
      !run('apt-get', ['update', '-qq'], 'inherit') ||
      !run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'docker.io', 'iptables', 'iproute2', 'conntrack', 'libatomic1'], 'inherit')
    )
      fail('apt-get could not install docker.io: see its output above');
  }
  say('starting Docker Engine');
  if (!run('systemctl', ['start', 'docker'])) spawn('dockerd', [], { detached: true, stdio: 'ignore' }).unref();
  for (let tries = 0; tries < 60; tries++) {
    if (run('docker', ['info'])) return;
    spawnSync('sleep', ['0.5']);
  }
  fail('Docker Engine was installed but does not answer: start dockerd by hand and look at its output');
}

function run(command, args, errors = 'ignore') {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', errors] }).status === 0;
}

function fail(text) {
  process.stderr.write(`steersman: ${text}\n`);
  process.exit(1);
}
