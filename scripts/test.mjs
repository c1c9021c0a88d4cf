// `npm test`: everything there is to test, in order, with progress: lint, unit and in-process tests, tests of whole clusters
// with the real kubectl, and the golden suites where they are at hand. Ends with one line: N passed, N failed.
//   npm test                      all of it
//   npm test -- lint|unit|e2e|golden   one part
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playGolden } from './golden.mjs';
import { ensureBuilt, pinnedNode, root, say } from './prepare.mjs';
import { sweep } from './sweep.mjs';

const parts = process.argv.slice(2);
const wanted = (part) => parts.length === 0 || parts.includes(part);
const totals = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), 'steersman-test-'));

await ensureBuilt();
if (wanted('lint')) lint();
if (wanted('unit')) vitest('unit and in-process tests', []);
if (wanted('e2e') || wanted('golden')) sweep();
if (wanted('e2e')) vitest('whole clusters', ['--config', 'e2e/vitest.config.ts']);
if (wanted('golden')) for (const outcome of await playGolden()) totals[outcome]++;
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${totals.passed} passed, ${totals.failed} failed${totals.skipped ? `, ${totals.skipped} skipped` : ''}`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

function lint() {
  say('lint');
  const biome = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', '.', '--diagnostic-level=error'], { cwd: root, stdio: 'inherit' });
  const layers = spawnSync(pinnedNode(), [join(root, 'scripts/lint-layers.mjs')], { cwd: root, stdio: 'inherit' });
  const types = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'e2e')], { cwd: root, stdio: 'inherit' });
  totals[[biome, layers, types].every(({ status }) => status === 0) ? 'passed' : 'failed']++;
}

function vitest(title, args) {
  say(title);
  const report = join(scratch, `${title.replace(/\W/g, '-')}.json`);
  const { status } = spawnSync(
    pinnedNode(),
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { cwd: root, stdio: 'inherit' },
  );
  const before = totals.failed;
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
    totals.skipped += numPendingTests;
  } catch {
    totals.failed++;
  }
  if (status !== 0 && totals.failed === before) totals.failed++;
}
