// Objects that upstream takes must pass; those it refuses are counted, and their number may only grow.
import { describe, expect, test } from 'vitest';
import type { Job, Pod } from '../src/gen/types.js';
import { generateJobSelector } from '../src/kinds/batch/job-selector.js';
import { applyDefaults } from '../src/kinds/defaults.js';
import { mergeMatchLabelKeys } from '../src/kinds/pod/match-label-keys.js';
import { validateCreate } from '../src/kinds/validation.js';
import { type KubernetesObject, resourceByKind } from '../src/resource-info.js';
import { decodeObject } from '../src/schema/decode.js';
import { schemaOf } from '../src/schema/schema-table.js';
import { goldenFolder, type Recorded, recordedCreates } from './recorded-requests.js';

/** Refusals in the category `validation` whose causes are told exactly as upstream does. */
const exactSoFar = 120;

function causesOf({ object }: Recorded): string[] | undefined {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  const schema = schemaOf(apiVersion, kind);
  if (!schema) return undefined;
  const decoded = decodeObject(schema, object) as KubernetesObject;
  decoded.metadata = { ...decoded.metadata, ...(resourceByKind(apiVersion, kind)?.namespaced && { namespace: 'gt-suffix' }) };
  if (decoded.metadata.generateName) decoded.metadata.name ??= `${decoded.metadata.generateName}x`;
  applyDefaults(apiVersion, kind, decoded);
  if (kind === 'Job') {
    Object.assign(decoded.metadata, { uid });
    generateJobSelector(decoded as Job);
  }
  // Admission gives every pod an account.
  if (kind === 'Pod') mergeMatchLabelKeys(decoded as Pod);
  if (kind === 'Pod') Object.assign((decoded as { spec: object }).spec, { serviceAccountName: 'default' });
  return [...new Set(validateCreate(apiVersion, kind, decoded).map(({ field, message }) => `${field}: ${withoutStructs(message)}`))].sort();
}

/** A struct that upstream prints with Go's field names is an internal; that a value stands there is what counts. */
const withoutStructs = (message: string): string =>
  message.replaceAll(uid, '<uid>').replace(/value: (?=[[{])(?=.*[{,]"[A-Z]\w*":).*[\]}](?=: |$)/, 'value: <value>');

const uid = '9f3a1f0e-6f2b-4a57-8d55-3c1f4b1c2d3e';

const recordedCauses = ({ body }: Recorded): string[] =>
  [
    ...new Set(
      ((body['details'] as { causes?: { field: string; message: string }[] })?.causes ?? []).map(({ field, message }) => `${field}: ${message}`),
    ),
  ].sort();

describe.skipIf(!goldenFolder)('validation as recorded (skipped where the recordings are absent)', async () => {
  const accepted = goldenFolder
    ? (await Promise.all(['defaulting', 'podspec', 'workloads', 'batch', 'network', 'storage'].map(recordedCreates))).flat()
    : [];

  test('what upstream accepts is accepted', () => {
    const wrong = accepted.filter(({ code }) => code === 201).flatMap((one) => (causesOf(one) ?? []).map((cause) => `${one.scenario}: ${cause}`));
    expect(wrong).toEqual([]);
  });

  test('what upstream refuses is refused in its words', async () => {
    const refused = (await recordedCreates(process.env['CATEGORY'] ?? 'validation')).filter(({ code, body }) => code === 422 && body['details']);
    const results = refused.map((one) => ({ one, got: JSON.stringify(causesOf(one)), want: JSON.stringify(recordedCauses(one)) }));
    if (process.env['SHOW'])
      process.stdout.write(
        results
          .filter(({ got, want }) => got !== want)
          .map(({ one, got, want }) => `${one.title}\n  got  ${got}\n  want ${want}\n`)
          .join(''),
      );
    expect(results.filter(({ got, want }) => got === want).length).toBeGreaterThanOrEqual(exactSoFar);
  });
});
