// RuntimeClass: pods of a runtime class carry its overhead and go where it can run.
// Mirrors https://kubernetes.io/docs/concepts/containers/runtime-class/
import { deepEqual, forbidden, type Pod, type RuntimeClass } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

export class RuntimeClassAdmission implements AdmissionPlugin {
  readonly name = 'RuntimeClass';

  constructor(private readonly classes: Resource) {}

  async mutate(request: AdmissionRequest): Promise<void> {
    const pod = podToCreate(request);
    if (!pod?.spec) return;
    const runtimeClass = await this.classOf(pod);
    const podFixed = runtimeClass?.overhead?.podFixed;
    if (podFixed) {
      if (pod.spec.overhead && !deepEqual(pod.spec.overhead, podFixed))
        throw refuse(pod, `pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`);
      pod.spec.overhead = { ...podFixed };
    }
    if (runtimeClass) addScheduling(pod, runtimeClass);
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const pod = podToCreate(request);
    if (pod?.spec?.overhead && !(await this.classOf(pod))?.overhead)
      throw refuse(pod, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  }

  private async classOf(pod: Pod): Promise<RuntimeClass | undefined> {
    const name = pod.spec?.runtimeClassName;
    if (name === undefined) return undefined;
    if (!this.classes.peek(undefined, name)) await this.classes.feed.caughtUp();
    const found = this.classes.peek(undefined, name)?.object as unknown as RuntimeClass | undefined;
    if (!found) throw refuse(pod, `pod rejected: RuntimeClass "${name}" not found`);
    return found;
  }
}

const podToCreate = (request: AdmissionRequest): Pod | undefined =>
  request.operation === 'CREATE' && concerns(request, '', 'pods') ? (request.object as unknown as Pod) : undefined;

const refuse = (pod: Pod, why: string): Error => forbidden({ group: '', resource: 'pods' }, pod.metadata.name ?? '', why);

function addScheduling(pod: Pod, { scheduling }: RuntimeClass): void {
  const spec = pod.spec;
  if (!scheduling || !spec) return;
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value)
      throw refuse(pod, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
    spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
  }
  for (const toleration of scheduling.tolerations ?? [])
    if (!spec.tolerations?.some((own) => deepEqual(own, toleration))) spec.tolerations = [...(spec.tolerations ?? []), { ...toleration }];
}
