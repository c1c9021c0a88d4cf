// LimitRanger: the limit ranges of a namespace fill in what containers leave open, and bound what pods and claims ask for.
// Mirrors https://kubernetes.io/docs/concepts/policy/limit-range/
import { type Container, forbidden, type LimitRange, type PersistentVolumeClaim, type Pod, podResources } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';
import { type LimitItem, type Resources, requestViolations, violations } from './limit-constraints.js';

const annotation = 'kubernetes.io/limit-ranger';

export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';

  constructor(private readonly ranges: Resource) {}

  mutate(request: AdmissionRequest): void {
    if (request.operation !== 'CREATE' || !concerns(request, '', 'pods')) return;
    const pod = request.object as unknown as Pod;
    for (const range of this.rangesOf(request)) {
      const set = fillIn(pod, range);
      if (set.length === 0) continue;
      pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${set.join('; ')}` };
    }
  }

  validate(request: AdmissionRequest): void {
    const { operation, object, resource } = request;
    if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const isPod = operation === 'CREATE' && concerns(request, '', 'pods');
    if (!isPod && !concerns(request, '', 'persistentvolumeclaims')) return;
    for (const range of this.rangesOf(request)) {
      const errors = isPod ? podErrors(object as unknown as Pod, range) : claimErrors(object as unknown as PersistentVolumeClaim, range);
      if (errors.length)
        throw forbidden(resource.groupResource, object.metadata.name ?? '', errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
    }
  }

  private rangesOf({ namespace }: AdmissionRequest): LimitRange[] {
    return this.ranges.cache.list(namespace).map(({ object }) => object as unknown as LimitRange);
  }
}

const itemsOf = ({ spec }: LimitRange, type: string): LimitItem[] => (spec?.limits ?? []).filter((item) => item.type === type);

/** Gives containers the range's defaults; says what it set. */
function fillIn({ spec }: Pod, range: LimitRange): string[] {
  const defaults: Resources = { requests: {}, limits: {} };
  for (const item of itemsOf(range, 'Container')) {
    Object.assign(defaults.requests!, item.defaultRequest);
    Object.assign(defaults.limits!, item.default);
  }
  return [
    ...(spec?.containers ?? []).flatMap((one) => fillContainer(one, defaults, 'container')),
    ...(spec?.initContainers ?? []).flatMap((one) => fillContainer(one, defaults, 'init container')),
  ];
}

function fillContainer(container: Container, defaults: Resources, type: string): string[] {
  const resources = { ...container.resources };
  const set = (['requests', 'limits'] as const).flatMap((part) => {
    const missing = Object.keys(defaults[part] ?? {})
      .filter((name) => resources[part]?.[name] === undefined)
      .sort();
    if (missing.length === 0) return [];
    resources[part] = { ...resources[part], ...Object.fromEntries(missing.map((name) => [name, defaults[part]?.[name] ?? ''])) };
    return [`${missing.join(', ')} ${part === 'requests' ? 'request' : 'limit'} for ${type} ${container.name}`];
  });
  container.resources = resources;
  return set;
}

function podErrors(pod: Pod, range: LimitRange): string[] {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const whole = { requests: podResources(pod.spec, 'requests'), limits: podResources(pod.spec, 'limits') };
  return (range.spec?.limits ?? []).flatMap((item) => {
    if (item.type === 'Container') return containers.flatMap(({ resources = {} }) => violations(item, resources));
    return item.type === 'Pod' ? violations(item, whole) : [];
  });
}

const claimErrors = ({ spec }: PersistentVolumeClaim, range: LimitRange): string[] =>
  itemsOf(range, 'PersistentVolumeClaim').flatMap((item) => requestViolations(item, spec?.resources ?? {}));
