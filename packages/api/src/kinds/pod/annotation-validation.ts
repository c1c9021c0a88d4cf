// Annotations that mean something for pods.
import { type FieldError, forbiddenField, invalid } from '../../field-error.js';
import type { Pod } from '../../gen/types.js';
import { containersOf } from './containers-of.js';

const mirror = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';
const path = 'metadata.annotations';

export function annotationErrors({ metadata, spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    const at = `${path}[${key}]`;
    if (key === mirror && !spec?.nodeName) errors.push(invalid(at, value, 'must set spec.nodeName if mirror pod annotation is set'));
    if (key === deletionCost && !isCost(value)) errors.push(invalid(at, value, 'must be a 32bit integer'));
    if (!key.startsWith(appArmor)) continue;
    const name = key.slice(appArmor.length);
    if (!spec || !containersOf(spec, 'spec').some(({ container }) => container.name === name)) errors.push(invalid(at, name, 'container not found'));
    if (!['', 'runtime/default', 'unconfined'].includes(value) && !value.startsWith('localhost/'))
      errors.push(invalid(at, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`));
  }
  return errors;
}

const isCost = (text: string): boolean => /^(0|-?[1-9][0-9]*)$/.test(text) && Math.abs(Number(text)) <= 2 ** 31 - 1;

export function annotationUpdateErrors({ metadata }: Pod, { metadata: old }: Pod): FieldError[] {
  const [now, before] = [metadata.annotations ?? {}, old.annotations ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
    if (now[key] === before[key]) return [];
    const verb = Object.hasOwn(before, key) ? 'remove or update' : 'add';
    if (key.startsWith(appArmor)) return [forbiddenField(`${path}[${key}]`, `may not ${verb} AppArmor annotations`)];
    return key === mirror ? [forbiddenField(`${path}[${key}]`, `may not ${verb} mirror pod annotation`)] : [];
  });
}
