// projected volumes: several sources in one directory, service account tokens among them.
import type { VolumeProjection } from '@steersman/api';
import { messageOf } from '../containers/container-error.js';
import { type NodePod, namespaceOf } from '../pods/pod.js';
import { projectedVolume } from './projected-volume.js';
import { configMapFiles, downwardFiles, type Files, secretFiles } from './sources.js';
import type { VolumePlugin, VolumeRequest } from './volume.js';

/** Tokens are readable for the group of the pod's volumes, and for nobody else. */
function tokenMode(pod: NodePod, defaultMode: number): { mode: number; uid?: number } {
  const { fsGroup, runAsUser: podUser } = pod.spec.securityContext ?? {};
  if (fsGroup !== undefined) return { mode: 0o600 };
  const users = new Set(
    [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ securityContext }) => securityContext?.runAsUser ?? podUser),
  );
  const [user] = users;
  return users.size === 1 && user !== undefined ? { mode: 0o600, uid: user } : { mode: defaultMode };
}

async function filesOf(source: VolumeProjection, { pod, sources }: VolumeRequest, defaultMode: number): Promise<Files> {
  const namespace = namespaceOf(pod);
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) {
    const { name = '', items, optional = false } = configMap;
    const object = await sources.configMap(namespace, name);
    if (!object && !optional) throw new Error(`configmap "${name}" not found`);
    return object ? configMapFiles(object, { items, defaultMode, optional }) : new Map();
  }
  if (secret) {
    const { name = '', items, optional = false } = secret;
    const object = await sources.secret(namespace, name);
    if (!object && !optional) throw new Error(`secret "${name}" not found`);
    return object ? secretFiles(object, { items, defaultMode, optional }) : new Map();
  }
  if (downwardAPI) return downwardFiles(pod, downwardAPI.items ?? [], { sources, defaultMode });
  if (serviceAccountToken) {
    const { audience = '', expirationSeconds = 3600, path } = serviceAccountToken;
    const token = await sources.token(pod, { audience, expirationSeconds });
    return new Map([[path, { data: Buffer.from(token), ...tokenMode(pod, defaultMode) }]]);
  }
  throw new Error('this source of a projected volume is not supported');
}

export const projectedVolumePlugin: VolumePlugin = projectedVolume(
  'kubernetes.io~projected',
  ({ projected }) => projected !== undefined,
  async (request) => {
    const { sources = [], defaultMode = 0o644 } = request.volume.projected ?? {};
    const files: Files = new Map();
    const errors: string[] = [];
    for (const source of sources) {
      try {
        for (const [path, file] of await filesOf(source, request, defaultMode)) files.set(path, file);
      } catch (error) {
        errors.push(messageOf(error));
      }
    }
    if (errors.length > 1) throw new Error(`[${errors.join(', ')}]`);
    if (errors[0] !== undefined) throw new Error(errors[0]);
    return files;
  },
  { inMemory: true },
);
