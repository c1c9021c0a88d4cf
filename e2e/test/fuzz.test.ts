// Requests that nobody wrote, thrown at a real API server: every verb, kind, subresource and content type, sound and hostile.
// STEERSMAN_FUZZ_MINUTES says for how long, STEERSMAN_FUZZ_SEED with which requests to begin.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FuzzedServer } from '../src/fuzz/fuzzed-server.js';
import { reduced } from '../src/fuzz/reduction.js';
import { type FuzzRequest, requests } from '../src/fuzz/requests.js';

const minutes = Number(process.env['STEERSMAN_FUZZ_MINUTES'] ?? 0.75);
const firstSeed = Number(process.env['STEERSMAN_FUZZ_SEED'] ?? process.hrtime.bigint() % 1_000_000n);
const perRound = 400;
/** So many rounds go on at a time, each with seeds of its own. */
const lanes = 6;
const memoryLimitMiB = 1500;

const server = new FuzzedServer();
/** What went wrong, by what it has in common with others. */
const found = new Map<string, string>();
let sent = 0;

beforeAll(() => server.up());
afterAll(() => server.down());

/** Problems of one cause differ in names and numbers. */
const causeOf = (problem: string): string => problem.replace(/"(?:[^"\\]|\\.)*"|\d+|\[[^\]]*\]/g, '…').slice(0, 160);

const shown = (request: FuzzRequest): string =>
  JSON.stringify(request, (_, value) => (typeof value === 'string' && value.length > 1500 ? `${value.slice(0, 1500)}… (${value.length})` : value));

/** Requests of one seed; each way to go wrong that is new is told once, by the smallest request that shows it. */
async function round(seed: number, until: number): Promise<void> {
  const property = fc.asyncProperty(requests, async (request) => {
    if (performance.now() > until) return;
    sent++;
    const problem = await server.problemWith(request);
    const cause = problem && causeOf(problem);
    if (!cause || found.has(cause)) return;
    found.set(cause, problem);
    const least = await reduced(request, async (smaller) => causeOf((await server.problemWith(smaller)) ?? '') === cause);
    found.set(cause, `seed ${seed}: ${problem}\n  ${shown(least)}`);
    console.log(found.get(cause));
  });
  await fc.assert(property, { seed, numRuns: perRound });
}

it(`answers whatever is asked, for ${minutes} minutes`, { timeout: minutes * 60_000 + 240_000 }, async () => {
  console.log(`requests from STEERSMAN_FUZZ_SEED=${firstSeed}`);
  const until = performance.now() + minutes * 60_000;
  const lane = async (number: number): Promise<void> => {
    for (let seed = firstSeed + number; performance.now() < until; seed += lanes) {
      await round(seed, until);
      await server.tidy();
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  console.log(`${sent} requests, ${server.residentMiB} MiB, ${found.size} problems`);
  expect([...found.values()]).toEqual([]);
});

it('still answers, with little memory', async () => {
  expect((await server.ask('GET', '/readyz')).bytes.toString()).toBe('ok');
  expect((await server.ask('GET', '/api/v1/namespaces/kept/secrets/kept')).code).toBe(200);
  expect(server.residentMiB).toBeLessThan(memoryLimitMiB);
});

it('has in its caches what is in the store', async () => {
  expect(await server.disagreements()).toEqual([]);
}, 60_000);
