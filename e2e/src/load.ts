// Load on a cluster while something happens to it: writers that create config maps and remember which were acknowledged.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '@steersman/api';
import type { Kubectl } from './kubectl.js';

const writers = 4;

/** How often the tests kill something; each kill costs some seconds. */
export const kills = Number(process.env['STEERSMAN_KILLS'] ?? 20);

/** Moments and victims are random, but the same for the same STEERSMAN_SEED, which the tests print. */
export function testRandom(): Random {
  const seed = Number(process.env['STEERSMAN_SEED'] ?? process.hrtime.bigint() % 1_000_000n);
  console.log(`random moments from STEERSMAN_SEED=${seed}`);
  return seededRandom(seed);
}

export class Load {
  readonly acknowledged: string[] = [];
  private rounds = 0;

  constructor(
    private readonly kubectl: Kubectl,
    private readonly random: Random,
  ) {}

  /** Writes until `strike`, which comes at a random moment, has happened. */
  async during(strike: () => Promise<void>): Promise<void> {
    const round = this.rounds++;
    let struck = false;
    const writing = Array.from({ length: writers }, async (_, writer) => {
      for (let n = 0; !struck; n++) {
        const name = `load-${round}-${writer}-${n}`;
        const { code } = await this.kubectl.try(['create', 'configmap', name]);
        if (code === 0) this.acknowledged.push(name);
      }
    });
    await sleep(300 + this.random.number() * 900);
    try {
      await strike();
    } finally {
      struck = true;
      await Promise.all(writing);
    }
  }

  /** What was acknowledged and is not there. */
  async lost(): Promise<string[]> {
    const names = new Set((await this.kubectl.run('get configmaps -o name')).split('\n'));
    return this.acknowledged.filter((name) => !names.has(`configmap/${name}`));
  }
}
