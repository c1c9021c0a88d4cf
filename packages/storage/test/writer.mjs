// Writes to an embedded store until killed, telling the newest revision that it saw acknowledged. Uses the built package.
import { systemClock } from '../../api/dist/index.js';
import { EmbeddedStore } from '../dist/embedded/embedded-store.js';

const store = new EmbeddedStore({ dataDir: process.argv[2], clock: systemClock });
const running = store.run(new AbortController().signal);
await store.ready;
let newest = 0;
const write = async (writer) => {
  for (let i = 0; ; i++) {
    const { revision } = await store.write({ key: `/w${writer}/${i % 50}`, value: Buffer.from(`value ${i}`) });
    if (revision <= newest) continue;
    newest = revision;
    process.stdout.write(`${newest}\n`);
  }
};
await Promise.race([running, ...Array.from({ length: 16 }, (_, writer) => write(writer))]);
