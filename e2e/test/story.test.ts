// The story on a cluster in one process.
import { afterAll, beforeAll, describe } from 'vitest';
import { ensureBox } from '../src/box-image.js';
import { Cluster, dockerMissing } from '../src/cluster.js';
import { tellStory } from '../src/story.js';

const missing = dockerMissing();
if (missing) console.log(`the story is skipped: ${missing}`);

describe.skipIf(missing)('the story', () => {
  const cluster = new Cluster(['--store', 'memory', '--runtime', 'docker']);

  beforeAll(async () => {
    ensureBox();
    await cluster.up();
  });
  afterAll(() => cluster.destroy());

  tellStory(cluster);
});
