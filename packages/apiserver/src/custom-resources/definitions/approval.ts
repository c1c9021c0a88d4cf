// Groups of the Kubernetes community: a definition in one needs its approval, given in an annotation.
// Mirrors https://github.com/kubernetes/enhancements/pull/1111
import { type CustomResourceDefinition, type FieldError, field } from '@steersman/api';

const annotation = 'api-approved.kubernetes.io';

export type Approval = { readonly state: 'approved' | 'bypassed' | 'missing' | 'invalid'; readonly reason: string };

export const isProtectedGroup = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

export function approvalOf({ metadata }: Pick<CustomResourceDefinition, 'metadata'>): Approval {
  const given = metadata.annotations?.[annotation] ?? '';
  if (given === '')
    return {
      state: 'missing',
      reason: `protected groups must have approval annotation "${annotation}", see https://github.com/kubernetes/enhancements/pull/1111`,
    };
  if (given.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${JSON.stringify(given)}` };
  const url = URL.parse(given);
  if (url?.host && url.protocol) return { state: 'approved', reason: `approved in ${given}` };
  return {
    state: 'invalid',
    reason: `protected groups must have approval annotation "${annotation}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
  };
}

/** What is wrong with the approval of a definition; one that did not change is left as it is. */
export function validateApproval(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): FieldError[] {
  if (!isProtectedGroup(definition.spec.group ?? '')) return [];
  const { state, reason } = approvalOf(definition);
  if ((old && approvalOf(old).state === state) || state === 'approved' || state === 'bypassed') return [];
  const path = `metadata.annotations[${annotation}]`;
  return [state === 'missing' ? field.required(path, reason) : field.invalid(path, definition.metadata.annotations?.[annotation], reason)];
}
