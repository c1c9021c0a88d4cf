// Removes the clusters that an interrupted test run left on this machine: found by their directories under the temporary one, and
// left alone while any process still uses them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedNode, root, say } from './prepare.mjs';

const ours = /^steersman-(e2e|e2e-apart|golden-\w+|bench)-/;

export function sweep() {
  const commands = commandLines();
  for (const entry of readdirSync(tmpdir(), { withFileTypes: true }).filter(({ name }) => ours.test(name))) {
    const directory = join(tmpdir(), entry.name);
    if (commands.some((line) => line.includes(directory))) continue;
    say(`removing what an interrupted test left in ${directory}`);
    if (!entry.isDirectory()) {
      rmSync(directory, { force: true });
      continue;
    }
    // What reset knows a cluster's directory by.
    mkdirSync(join(directory, 'pki'), { recursive: true });
    spawnSync(pinnedNode(), [join(root, 'packages/steersman/dist/main.js'), 'reset', '--data-dir', directory], { stdio: 'ignore' });
    rmSync(directory, { recursive: true, force: true });
  }
}

function commandLines() {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        } catch {
          return [];
        }
      });
  } catch {
    return [];
  }
}
