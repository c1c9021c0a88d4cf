// Builds everything: generated sources first (only when their inputs changed), then TypeScript by project references.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = new URL('..', import.meta.url).pathname;
const started = performance.now();

for (const name of readdirSync(join(root, 'packages')).sort()) {
  const generator = join(root, 'packages', name, 'scripts', 'generate.mjs');
  if (!existsSync(generator)) continue;
  const { generate } = await import(pathToFileURL(generator).href);
  if (await generate()) console.log(`generated sources of ${name}`);
}
execFileSync(join(root, 'node_modules/.bin/tsc'), ['-b', join(root, 'tsconfig.json'), ...process.argv.slice(2)], { stdio: 'inherit' });
console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
