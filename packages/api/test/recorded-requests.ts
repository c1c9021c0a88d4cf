// Runs scenarios of the golden suite in process: a recording `t` that only notes which objects are created and updated.
// The recordings hold answers, the scenario sources hold requests; together they make request/answer pairs.
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export const goldenFolder = ['../../../../shared/golden', '../../../../../shared/golden']
  .map((path) => new URL(path, import.meta.url).pathname)
  .find((path) => existsSync(path));

export interface Recorded {
  readonly scenario: string;
  readonly title: string;
  readonly verb: 'create' | 'other';
  readonly object: Record<string, unknown>;
  readonly code: number;
  readonly body: { message?: string; [key: string]: unknown };
}

interface Step {
  readonly title: string;
  readonly result: { code?: number; body?: Recorded['body'] };
}

const ok = { code: 0, body: {}, headers: {}, text: '' };

/** A `t` that answers every recorded step with nothing and keeps the created objects by their step's index. */
function recorder(created: Map<number, Record<string, unknown>>) {
  let index = 0;
  const t: Record<string, unknown> = {
    ns: 'gt-suffix',
    suffix: 'suffix',
    name: (base: string) => `${base}-suffix`,
    path: (ref: string) => ref,
    create: async (object: Record<string, unknown>) => {
      created.set(index++, structuredClone(object));
      return ok;
    },
  };
  for (const quiet of ['given', 'until', 'settle', 'namespace']) t[quiet] = async () => ok;
  return new Proxy(t, {
    get: (target, name: string) =>
      target[name] ??
      (async () => {
        index++;
        return ok;
      }),
  });
}

/** The create requests of a category with their recorded answers. */
export async function recordedCreates(category: string): Promise<Recorded[]> {
  const goldens = JSON.parse(readFileSync(`${goldenFolder}/goldens/visible.json`, 'utf8')) as { scenarios: Record<string, Step[]> };
  const { default: scenarios } = (await import(pathToFileURL(`${goldenFolder}/visible/${category}.mjs`).href)) as {
    default: { name: string; run(t: unknown): Promise<void> }[];
  };
  const found: Recorded[] = [];
  for (const { name, run } of scenarios) {
    const created = new Map<number, Record<string, unknown>>();
    // A scenario that needs real answers breaks off; what it created before that counts.
    await run(recorder(created)).catch(() => undefined);
    const steps = goldens.scenarios[`${category}/${name}`] ?? [];
    for (const [index, object] of created) {
      const step = steps[index];
      if (step?.result.code)
        found.push({ scenario: name, title: step.title, verb: 'create', object, code: step.result.code, body: step.result.body ?? {} });
    }
  }
  return found;
}
