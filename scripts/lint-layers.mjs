// Checks what Biome cannot: that packages import only those above them, that only apiserver (and steersman, which puts all
// together) imports storage, and that time, randomness and ids come in from outside.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const layers = [
  'api',
  'cel',
  'rpc',
  'client',
  'component-base',
  'storage',
  'apiserver',
  'controller-manager',
  'scheduler',
  'kubelet',
  'overlay',
  'kube-proxy',
  'cluster-dns',
  'steersman',
];
const components = new Set(['controller-manager', 'scheduler', 'kubelet', 'overlay', 'kube-proxy', 'cluster-dns']);
const globals = /(?<![.\w])(Date\.now\(|setTimeout\(|setInterval\(|Math\.random\(|randomUUID\()/;
/** The two places where the globals belong. */
const sources = new Set(['packages/api/src/clock.ts', 'packages/api/src/random.ts', 'packages/api/src/virtual-clock.ts']);
const problems = [];

for (const layer of layers) for (const file of sourcesOf(join(root, 'packages', layer, 'src'))) check(layer, file);

if (problems.length) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`layers: ${layers.length} packages are in order`);

function check(layer, file) {
  const name = relative(root, file);
  const text = readFileSync(file, 'utf8');
  for (const [, imported] of text.matchAll(/(?:from |import\()'@steersman\/([\w-]+)(?:\/[\w-]+)?'/g)) {
    if (imported === layer) continue;
    if (layers.indexOf(imported) > layers.indexOf(layer)) problems.push(`${name}: ${layer} is above ${imported} and must not import it`);
    if (components.has(layer) && (components.has(imported) || imported === 'apiserver' || imported === 'storage'))
      problems.push(`${name}: ${layer} must talk to the API only, not import ${imported}`);
  }
  if (sources.has(name) || name.endsWith('.test.ts')) return;
  text.split('\n').forEach((line, index) => {
    const code = line.replace(/\/\/.*$/, '');
    if (globals.test(code) && !/^\s*['"`]/.test(code)) problems.push(`${name}:${index + 1}: time, randomness and ids come from Clock and Random`);
  });
}

function* sourcesOf(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'gen') yield* sourcesOf(path);
    } else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts')) yield path;
  }
}
