// The hash of a pod template, as label and name suffix of the replica sets of a deployment.
import type { PodTemplateSpec } from '@steersman/api';

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
export const hashLabel = 'pod-template-hash';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
};

/** FNV-1a over the template (and the collision count), in the alphabet of generated names. */
export function templateHash(template: PodTemplateSpec, collisionCount = 0): string {
  let hash = 0x811c9dc5;
  for (const character of Buffer.from(JSON.stringify(sorted(template)) + (collisionCount || '')))
    hash = Math.imul(hash ^ character, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('');
}

/** Whether two templates are the same but for the hash label. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return JSON.stringify(sorted(withoutHash(a))) === JSON.stringify(sorted(withoutHash(b)));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
