// What every kind of volume offers: it is set up for a pod, kept up to date, and taken down.
import type { ConfigMap, PersistentVolume, Secret, Volume } from '@steersman/api';
import type { FieldContext } from '../containers/field-refs.js';
import type { NodePod } from '../pods/pod.js';

/** A volume that is ready: where it is on the node. */
export interface MountedVolume {
  readonly name: string;
  readonly path: string;
  /** What lies in it comes from the API: containers see it read-only. */
  readonly readOnly: boolean;
}

/** What volumes need from the kubelet. */
export interface VolumeSources extends Omit<FieldContext, 'pod'> {
  readonly allocatable: Readonly<Record<string, string>>;
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** What the claim is bound to; throws where it is not. */
  persistentVolume(namespace: string, claim: string): Promise<PersistentVolume>;
  nowMs(): number;
  token(pod: NodePod, request: { audience: string; expirationSeconds: number }): Promise<string>;
}

export interface VolumeRequest {
  readonly pod: NodePod;
  readonly volume: Volume;
  /** The volume's own directory; it does not exist before the first set-up. */
  readonly directory: string;
  readonly sources: VolumeSources;
}

/** A kind of volume. */
export interface VolumePlugin {
  /** Such as kubernetes.io~configmap: the directory its volumes lie in. */
  readonly directoryName: string;
  handles(volume: Volume): boolean;
  /** Makes the volume ready, or brings it up to date; throws with upstream's message where it cannot. Repeatable. */
  setUp(request: VolumeRequest): Promise<MountedVolume>;
  /** Its content follows the API while the pod runs. */
  readonly live: boolean;
}
