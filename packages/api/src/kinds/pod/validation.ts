// What is checked of pods: when they are made, and which changes they may go through.
import { clone, deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid, required } from '../../field-error.js';
import type { Affinity, NodeAffinity, Pod, PodSpec } from '../../gen/types.js';
import { annotationErrors, annotationUpdateErrors } from './annotation-validation.js';
import { tolerationsErrors } from './scheduling-validation.js';
import { appArmorMatchErrors } from './security-validation.js';
import { podSpecErrors } from './spec-validation.js';

export { validateTemplate } from './spec-validation.js';

export function validatePod(pod: Pod): FieldError[] {
  const spec = pod.spec ?? { containers: [] };
  const errors = podErrors(pod);
  if (spec.ephemeralContainers?.length) errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return [...errors, ...appArmorMatchErrors(pod)];
}

/** What holds for a pod at any time. */
function podErrors(pod: Pod): FieldError[] {
  const spec = pod.spec ?? { containers: [] };
  const errors = [...annotationErrors(pod), ...podSpecErrors(spec, 'spec', true)];
  if (spec.serviceAccountName) return errors;
  for (const [index, { projected }] of (spec.volumes ?? []).entries())
    for (const [source, { serviceAccountToken }] of (projected?.sources ?? []).entries())
      if (serviceAccountToken) {
        const at = `spec.volumes[${index}].projected.sources[${source}].serviceAccountToken`;
        errors.push(forbiddenField(at, 'must not be specified when serviceAccountName is not set'));
      }
  return errors;
}

const mutableFields =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const { spec } = pod;
  const before = old.spec;
  if (!spec || !before) return [];
  const errors = [...podErrors(pod), ...annotationUpdateErrors(pod, old)];
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (before[list]?.length ?? 0))
      return [...errors, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')];
    for (const [index, { image }] of (spec[list] ?? []).entries()) if (!image) errors.push(required(`spec.${list}[${index}].image`));
  }
  const deadline = deadlineErrors(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors;
  errors.push(...addedTolerationsErrors(spec, before), ...removedGatesErrors(spec, before));
  const gated = (before.schedulingGates ?? []).length > 0;
  if (gated) errors.push(...gatedErrors(spec, before));
  return deepEqual(fixedPart(spec, before, gated), fixedPart(before, before, gated)) ? errors : [...errors, forbiddenField('spec', mutableFields)];
}

function deadlineErrors(now: number | undefined, before: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (now === undefined) return before === undefined ? [] : [invalid(path, null, 'must not update from a positive integer to nil value')];
  if (now < 0 || now > 2 ** 31 - 1) return [invalid(path, now, 'must be between 0 and 2147483647, inclusive')];
  return before !== undefined && now > before ? [invalid(path, now, 'must be less than or equal to previous value')] : [];
}

function addedTolerationsErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const lasting = (toleration: object): object => ({ ...toleration, tolerationSeconds: undefined });
  const kept = (old.tolerations ?? []).every((before) => spec.tolerations?.some((now) => deepEqual(lasting(now), lasting(before))));
  if (!kept) return [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
  return tolerationsErrors(spec.tolerations, 'spec.tolerations');
}

function removedGatesErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return (spec.schedulingGates ?? []).flatMap(({ name }, index) =>
    known.has(name)
      ? []
      : [forbiddenField(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );
}

/** A pod that waits at a gate may be narrowed down to fewer nodes. */
function gatedErrors(spec: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value);
  if (!kept) {
    const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.push(invalid('spec.nodeSelector', spec.nodeSelector, why));
  }
  const [now, before] = [spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity];
  return deepEqual(now, before) || !before ? errors : [...errors, ...nodeAffinityErrors(now, before)];
}

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution';

function nodeAffinityErrors(now: NodeAffinity | undefined, before: NodeAffinity): FieldError[] {
  const path = `spec.affinity.nodeAffinity.${requiredTerms}.nodeSelectorTerms`;
  const [terms, oldTerms] = [now?.[requiredTerms]?.nodeSelectorTerms ?? [], before[requiredTerms]?.nodeSelectorTerms ?? []];
  if (oldTerms.length === 0) return [];
  if (terms.length !== oldTerms.length) return [invalid(path, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  return terms.flatMap((term, index) => {
    const old = oldTerms[index]!;
    const additions = (['matchExpressions', 'matchFields'] as const).every((list) =>
      (old[list] ?? []).every((requirement, at) => deepEqual(requirement, term[list]?.[at])),
    );
    const empty = !old.matchExpressions?.length && !old.matchFields?.length;
    const grown = empty && (term.matchExpressions?.length || term.matchFields?.length);
    return additions && !grown ? [] : [invalid(`${path}[${index}]`, term, 'only additions are allowed (no mutations or deletions)')];
  });
}

/** The spec without what an update may change; with scheduling gates there is more of that. */
function fixedPart(spec: PodSpec, old: PodSpec, gated: boolean): PodSpec {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, schedulingGates: _gates, ...copy } = clone(spec);
  for (const container of [...(copy.containers ?? []), ...(copy.initContainers ?? [])]) delete container.image;
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && copy.terminationGracePeriodSeconds === 1)
    copy.terminationGracePeriodSeconds = old.terminationGracePeriodSeconds!;
  if (!gated) return copy;
  const { nodeSelector: _selector, affinity, ...rest } = copy;
  const others = withoutNodeAffinity(affinity);
  return others ? { ...rest, affinity: others } : rest;
}

function withoutNodeAffinity(affinity: Affinity | undefined): Affinity | undefined {
  const { nodeAffinity: _dropped, ...others } = affinity ?? {};
  return Object.keys(others).length > 0 ? others : undefined;
}
