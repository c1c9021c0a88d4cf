// Priority: a pod's class decides its priority and preemption policy; there is one default class at the most.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
import { forbidden, type Pod, type PriorityClass } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

const defaultPolicy = 'PreemptLowerPriority';
const systemClasses = new Set(['system-cluster-critical', 'system-node-critical']);

export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';

  constructor(private readonly classes: Resource) {}

  async mutate(request: AdmissionRequest): Promise<void> {
    if (!concerns(request, '', 'pods') || !request.object) return;
    if (request.operation === 'CREATE') await this.resolve(request.object as unknown as Pod);
    if (request.operation === 'UPDATE' && request.old) keep(request.object as unknown as Pod, request.old as unknown as Pod);
  }

  validate(request: AdmissionRequest): void {
    if (!concerns(request, 'scheduling.k8s.io', 'priorityclasses')) return;
    if (request.operation === 'DELETE' && systemClasses.has(request.name ?? ''))
      throw forbidden(request.resource.groupResource, request.name ?? '', 'this is a system priority class and cannot be deleted');
    if (!request.object) return;
    if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
    const object = request.object as unknown as PriorityClass;
    if (!object.globalDefault) return;
    const other = this.all().find((one) => one.globalDefault && one.metadata.name !== object.metadata.name);
    if (other)
      throw forbidden(
        { group: 'scheduling.k8s.io', resource: 'priorityclasses' },
        object.metadata.name ?? '',
        `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
      );
  }

  private async resolve(pod: Pod): Promise<void> {
    const { spec } = pod;
    if (!spec) return;
    const refuse = (why: string): Error => forbidden({ group: '', resource: 'pods' }, pod.metadata.name ?? '', why);
    const chosen = spec.priorityClassName ? await this.named(spec.priorityClassName) : this.defaultClass();
    if (spec.priorityClassName && !chosen) throw refuse(`no PriorityClass with name ${spec.priorityClassName} was found`);
    if (chosen) spec.priorityClassName = chosen.metadata.name ?? '';
    const value = chosen?.value ?? 0;
    const policy = chosen?.preemptionPolicy ?? defaultPolicy;
    if (spec.priority !== undefined && spec.priority !== value)
      throw refuse(
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
      throw refuse(
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    spec.priority = value;
    spec.preemptionPolicy = policy;
  }

  private async named(name: string): Promise<PriorityClass | undefined> {
    if (!this.classes.peek(undefined, name)) await this.classes.feed.caughtUp();
    return this.classes.peek(undefined, name)?.object as unknown as PriorityClass | undefined;
  }

  /** Of several default classes the one with the lowest value counts. */
  private defaultClass(): PriorityClass | undefined {
    return this.all()
      .filter(({ globalDefault }) => globalDefault)
      .sort((a, b) => a.value - b.value)[0];
  }

  private all(): PriorityClass[] {
    return this.classes.cache.list().map(({ object }) => object as unknown as PriorityClass);
  }
}

/** An update that leaves priority out keeps it. */
function keep(pod: Pod, old: Pod): void {
  if (!pod.spec || !old.spec) return;
  if (pod.spec.priority === undefined && old.spec.priority !== undefined) pod.spec.priority = old.spec.priority;
  if (pod.spec.preemptionPolicy === undefined && old.spec.preemptionPolicy !== undefined) pod.spec.preemptionPolicy = old.spec.preemptionPolicy;
}
