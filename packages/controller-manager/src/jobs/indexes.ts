// The completion indexes of indexed jobs: their compressed text form ("0,2-4"), and what a pod of an index looks like.
import type { Job, Pod, PodSpec } from '@steersman/api';
import type { PodOverrides } from '../pods/pod-control.js';

export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';
export const failureCountAnnotation = 'batch.kubernetes.io/job-index-failure-count';

export const isIndexed = ({ spec }: Job): boolean => spec?.completionMode === 'Indexed';

/** The index a pod works on. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[indexAnnotation];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

export const failuresOf = ({ metadata }: Pod): number => Number(metadata.annotations?.[failureCountAnnotation] ?? 0);

/** Reads "0,2-4"; indexes that are too large for the job are left out. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',').filter(Boolean)) {
    const [first = 0, last = first] = part.split('-').map(Number);
    for (let index = first; index <= Math.min(last, completions - 1); index++) indexes.add(index);
  }
  return indexes;
}

/** Writes indexes in their compressed form: runs of three and more by a dash, pairs by a comma. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const parts: string[] = [];
  const sorted = [...indexes].sort((a, b) => a - b);
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    const [first, last] = [sorted[start]!, sorted[end]!];
    parts.push(first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`);
    start = end + 1;
  }
  return parts.join(',');
}

/** What sets the pod of one index apart from the others of its job. */
export function overridesOf(job: Job, index: number, failures: number): PodOverrides {
  const perIndex = job.spec?.backoffLimitPerIndex !== undefined;
  return {
    generateName: `${job.metadata.name}-${index}-`,
    labels: { [indexAnnotation]: `${index}` },
    annotations: { [indexAnnotation]: `${index}`, ...(perIndex && { [failureCountAnnotation]: `${failures}` }) },
    change: (spec) => withIndex(spec, `${job.metadata.name}-${index}`),
  };
}

function withIndex(spec: PodSpec, hostname: string): PodSpec {
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } };
  const add = <T extends { env?: { name: string }[] }>(container: T): T =>
    container.env?.some(({ name }) => name === variable.name) ? container : { ...container, env: [...(container.env ?? []), variable] };
  return {
    ...spec,
    hostname: spec.hostname ?? hostname,
    containers: spec.containers?.map((container) => add(container as never)) as NonNullable<PodSpec['containers']>,
    ...(spec.initContainers && {
      initContainers: spec.initContainers.map((container) => add(container as never)) as NonNullable<PodSpec['initContainers']>,
    }),
  };
}
