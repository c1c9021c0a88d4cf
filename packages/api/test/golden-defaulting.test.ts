// The defaults of every kind, held against answers recorded from upstream.
import { describe, expect, test } from 'vitest';
import { applyDefaults } from '../src/kinds/defaults.js';
import { decodeObject } from '../src/schema/decode.js';
import { schemaOf } from '../src/schema/schema-table.js';
import { goldenFolder, recordedCreates } from './recorded-requests.js';

/** What strategies and admission decide, not defaulting. */
const decidedElsewhere = [
  /^metadata\./,
  /^status\b/,
  /^spec\.(clusterIPs?|ipFamil\w+|tolerations|serviceAccount(Name)?|priority|preemptionPolicy|healthCheckNodePort|username|groups|extra|taints|priorityClassName)\b/,
  /^(involvedObject|regarding)\.namespace$/,
  /^spec$/,
  /^spec\.(finalizers|dataSourceRef)\b/,
  /^spec\.template\.metadata$/,
  /controller-uid$|job-name$/,
  /kube-api-access/,
  /nodePort$/,
  /^(kind|apiVersion)$/,
];

const leaves = (value: unknown, path = ''): [string, string][] => {
  if (typeof value !== 'object' || value === null) return [[path, JSON.stringify(value)]];
  const entries = Object.entries(value);
  return entries.length === 0 ? [[path, JSON.stringify(value)]] : entries.flatMap(([key, item]) => leaves(item, path ? `${path}.${key}` : key));
};

const withoutToken = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) =>
    (key === 'volumes' || key === 'volumeMounts') && Array.isArray(value)
      ? value.filter((item: { name?: string }) => !item.name?.startsWith('kube-api-access'))
      : value,
  );

const facts = (object: unknown): string[] =>
  leaves(withoutToken(JSON.stringify(object)))
    .filter(([path, value]) => value !== '[]' && !decidedElsewhere.some((pattern) => pattern.test(path)))
    .map(([path, value]) => `${path}=${value}`)
    .sort();

describe.skipIf(!goldenFolder)('defaults as recorded (skipped where the recordings are absent)', async () => {
  const cases = goldenFolder ? await recordedCreates('defaulting') : [];
  test.each(cases.filter(({ code }) => code === 201).map((one) => [one.scenario, one] as const))('%s', (_name, { object, body }) => {
    const { apiVersion, kind } = object as { apiVersion: string; kind: string };
    const schema = schemaOf(apiVersion, kind);
    expect(schema, `${apiVersion}/${kind}`).toBeDefined();
    const decoded = decodeObject(schema!, object);
    applyDefaults(apiVersion, kind, decoded);
    expect(facts(decoded)).toEqual(facts(body));
  });
});
