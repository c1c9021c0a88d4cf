// Sees to it that a container's image is there, by its pull policy, with back-off for pulls that fail.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/images/image_manager.go
import type { Clock } from '@steersman/api';
import type { EventRecorder } from '@steersman/client';
import { ContainerError, messageOf } from '../containers/container-error.js';
import { BackOff } from '../pods/back-off.js';
import { type AnyContainer, fieldPathOf, type NodePod, uidOf } from '../pods/pod.js';
import type { ContainerRuntime, ImageStatus, RegistryAuth } from '../runtime/container-runtime.js';
import { withDefaultTag } from './image-name.js';

export interface ImageManagerOptions {
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  /** Credentials for the image from the pod's imagePullSecrets, best first. */
  credentials(pod: NodePod, image: string): Promise<readonly RegistryAuth[]>;
}

/** How long a failed pull is reported before its back-off is. */
export const failureShownMs = 1500;

export class ImageManager {
  private readonly backOff: BackOff;
  private readonly lastErrors = new Map<string, string>();
  private readonly pulls = new Map<string, Promise<void>>();

  constructor(private readonly options: ImageManagerOptions) {
    this.backOff = new BackOff(options.clock, { initialMs: 10_000, maxMs: 300_000 });
  }

  /** How long until a pull of the container's image is tried again. */
  remaining(pod: NodePod, container: AnyContainer): number {
    return this.backOff.remainingSinceStep(`${uidOf(pod)}_${container.image}`);
  }

  forget(uid: string): void {
    this.backOff.forget(`${uid}_`);
    for (const key of this.lastErrors.keys()) if (key.startsWith(`${uid}_`)) this.lastErrors.delete(key);
  }

  /** The image; throws ContainerError where there is none. */
  async ensure(pod: NodePod, container: AnyContainer): Promise<{ readonly reference: string; readonly status: ImageStatus }> {
    const { runtime } = this.options;
    const image = container.image ?? '';
    let reference: string;
    try {
      reference = withDefaultTag(image);
    } catch (error) {
      const message = `Failed to apply default image tag "${image}": ${messageOf(error)}`;
      this.warn(pod, container, 'InspectFailed', message);
      throw new ContainerError('InvalidImageName', message);
    }
    const present = await runtime.imageStatus({ image: reference }).catch((error: unknown) => {
      const message = `Failed to inspect image "${image}": ${messageOf(error)}`;
      this.warn(pod, container, 'InspectFailed', message);
      throw new ContainerError('ImageInspectError', message);
    });
    const policy = container.imagePullPolicy ?? (/:latest$/.test(reference) ? 'Always' : 'IfNotPresent');
    if (present && policy !== 'Always') {
      this.note(pod, container, 'Pulled', `Container image "${image}" already present on machine`);
      return { reference, status: present };
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      this.warn(pod, container, 'ErrImageNeverPull', message);
      throw new ContainerError('ErrImageNeverPull', message);
    }
    return { reference, status: await this.pull(pod, container, reference) };
  }

  private async pull(pod: NodePod, container: AnyContainer, reference: string): Promise<ImageStatus> {
    const { clock, runtime } = this.options;
    const image = container.image ?? '';
    const key = `${uidOf(pod)}_${image}`;
    if (this.backOff.remainingSinceStep(key) > 0) {
      // For a moment the failure itself is what is seen.
      if (this.backOff.sinceStep(key) < failureShownMs) throw new ContainerError('ErrImagePull', this.lastErrors.get(key) ?? '', { repeated: true });
      const message = `Back-off pulling image "${image}"`;
      this.note(pod, container, 'BackOff', message);
      const last = this.lastErrors.get(key);
      throw new ContainerError('ImagePullBackOff', last ? `${message}: ErrImagePull: ${last}` : message);
    }
    this.note(pod, container, 'Pulling', `Pulling image "${image}"`);
    const startMs = clock.monotonic();
    try {
      await this.pullOnce(pod, reference);
    } catch (error) {
      const message = messageOf(error);
      this.lastErrors.set(key, message);
      this.warn(pod, container, 'Failed', `Failed to pull image "${image}": ${message}`);
      this.backOff.step(key, clock.now());
      throw new ContainerError('ErrImagePull', message);
    }
    const status = await runtime.imageStatus({ image: reference });
    if (!status) throw new ContainerError('ErrImagePull', `image "${image}" vanished after it was pulled`);
    const took = `${((clock.monotonic() - startMs) / 1000).toFixed(3).replace(/\.?0+$/, '')}s`;
    this.note(
      pod,
      container,
      'Pulled',
      `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${status.size} bytes.`,
    );
    return status;
  }

  /** One pull per image at a time; who comes later waits for it. */
  private pullOnce(pod: NodePod, reference: string): Promise<void> {
    const known = this.pulls.get(reference);
    if (known) return known;
    const pull = this.pullWithCredentials(pod, reference).finally(() => this.pulls.delete(reference));
    this.pulls.set(reference, pull);
    return pull;
  }

  private async pullWithCredentials(pod: NodePod, reference: string): Promise<void> {
    const { runtime, credentials } = this.options;
    let failure: unknown;
    for (const auth of [...(await credentials(pod, reference)), undefined]) {
      try {
        await runtime.pullImage({ image: reference }, auth);
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  private note(pod: NodePod, container: AnyContainer, reason: string, message: string): void {
    this.options.recorder.normal(pod, reason, message, { fieldPath: fieldPathOf(pod, container) });
  }

  private warn(pod: NodePod, container: AnyContainer, reason: string, message: string): void {
    this.options.recorder.warning(pod, reason, message, { fieldPath: fieldPathOf(pod, container) });
  }
}
