// Everything the runtime has to know to make one container of a pod.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { containerHash } from '../pods/container-hash.js';
import type { KubeletContext } from '../pods/kubelet-context.js';
import { type AnyContainer, type NodePod, nameOf, namespaceOf, uidOf } from '../pods/pod.js';
import { latest } from '../pods/runtime-pod.js';
import type { StartRequest } from '../pods/start-container.js';
import type { ContainerConfig, Device, Mount, MountPropagation } from '../runtime/container-config.js';
import type { ImageStatus } from '../runtime/container-runtime.js';
import {
  containerHashAnnotation,
  containerNameLabel,
  podGracePeriodAnnotation,
  podNameLabel,
  podNamespaceLabel,
  podUidLabel,
  restartCountAnnotation,
  terminationLogAnnotation,
  terminationMessagePathAnnotation,
  terminationMessagePolicyAnnotation,
} from '../runtime/labels.js';
import { resolveSubPath } from '../volumes/sub-path.js';
import { ContainerError } from './container-error.js';
import { environmentOf, type Variable } from './environment.js';
import { expand } from './expansion.js';
import { hostsFile } from './pod-names.js';
import { linuxResources } from './resources.js';
import { linuxSecurity, verifyNonRoot } from './security-context.js';

export interface ConfigRequest extends StartRequest {
  readonly attempt: number;
  readonly image: { readonly reference: string; readonly status: ImageStatus };
}

export async function makeContainerConfig(context: KubeletContext, request: ConfigRequest): Promise<ContainerConfig> {
  const { pod, container, podIps, attempt, image, runtimePod } = request;
  const { clusterDomain, node, references, runtime } = context;
  verifyNonRoot(pod, container, image.status);
  const envs = await environmentOf(pod, container, {
    pod,
    podIps: pod.spec.hostNetwork ? node.addresses.slice(0, 1) : podIps,
    hostIps: node.addresses.slice(0, 1),
    allocatable: node.allocatable,
    services: (namespace) => context.services(namespace),
    configMap: (namespace, name) => references.configMap(namespace, name),
    secret: (namespace, name) => references.secret(namespace, name),
  });
  const lookup = (name: string): string | undefined => envs.find(({ key }) => key === name)?.value;
  const files = runtime.hasFileSystem
    ? await containerFiles(context, request, { clusterDomain, envs })
    : { mounts: [], devices: [], terminationLog: '' };
  const target =
    'targetContainerName' in container && container.targetContainerName ? latest(runtimePod, container.targetContainerName)?.id : undefined;
  const security = linuxSecurity(pod, container);
  return {
    metadata: { name: container.name, attempt },
    image: { image: image.reference },
    command: (container.command ?? []).map((part) => expand(part, lookup)),
    args: (container.args ?? []).map((part) => expand(part, lookup)),
    workingDir: container.workingDir ?? '',
    envs,
    mounts: files.mounts,
    devices: files.devices,
    labels: { [podNameLabel]: nameOf(pod), [podNamespaceLabel]: namespaceOf(pod), [podUidLabel]: uidOf(pod), [containerNameLabel]: container.name },
    annotations: {
      [containerHashAnnotation]: containerHash(container),
      [restartCountAnnotation]: String(attempt),
      [terminationMessagePathAnnotation]: container.terminationMessagePath ?? '/dev/termination-log',
      [terminationMessagePolicyAnnotation]: container.terminationMessagePolicy ?? 'File',
      [podGracePeriodAnnotation]: String(pod.spec.terminationGracePeriodSeconds ?? 30),
      ...(files.terminationLog && { [terminationLogAnnotation]: files.terminationLog }),
    },
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    resources: linuxResources(pod, context.allocations.resourcesOf(uidOf(pod), container), node.memoryBytes),
    security: target ? { ...security, pid: { target } } : security,
  };
}

const propagations: Record<string, MountPropagation> = { Bidirectional: 'bidirectional', HostToContainer: 'hostToContainer', None: 'private' };

interface FileTools {
  readonly clusterDomain: string;
  readonly envs: readonly Variable[];
}

async function containerFiles(
  context: KubeletContext,
  { pod, container, podIps, attempt }: ConfigRequest,
  { clusterDomain, envs }: FileTools,
): Promise<{ mounts: Mount[]; devices: Device[]; terminationLog: string }> {
  const podDir = path.join(context.dataDir, 'pods', uidOf(pod));
  const mounts = await volumeMounts(context, pod, container, envs);
  if (!mounts.some(({ containerPath }) => containerPath === '/etc/hosts')) {
    const file = path.join(podDir, 'etc-hosts');
    await mkdir(podDir, { recursive: true });
    await writeFile(file, await hostsFile(pod, podIps, clusterDomain));
    mounts.push({ containerPath: '/etc/hosts', hostPath: file, readOnly: false, propagation: 'private' });
  }
  const terminationLog = path.join(podDir, 'containers', container.name, `${attempt}-${Buffer.from(context.random.bytes(4)).toString('hex')}`);
  await mkdir(path.dirname(terminationLog), { recursive: true });
  await writeFile(terminationLog, '', { mode: 0o666 });
  await chmod(terminationLog, 0o666);
  mounts.push({
    containerPath: container.terminationMessagePath ?? '/dev/termination-log',
    hostPath: terminationLog,
    readOnly: false,
    propagation: 'private',
  });
  return { mounts, devices: [], terminationLog };
}

async function volumeMounts(context: KubeletContext, pod: NodePod, container: AnyContainer, envs: readonly Variable[]): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = context.volumes.pathOf(pod, mount.name);
    if (!volume)
      throw new ContainerError('CreateContainerConfigError', `cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const subPath = mount.subPathExpr ? expandStrictly(mount.subPathExpr, envs) : (mount.subPath ?? '');
    if (subPath.startsWith('/')) throw new ContainerError('CreateContainerConfigError', `error SubPath \`${subPath}\` must not be an absolute path`);
    if (subPath.split('/').includes('..'))
      throw new ContainerError('CreateContainerConfigError', `unable to provision SubPath \`${subPath}\`: must not contain '..'`);
    const hostPath = subPath ? await resolveSubPath(context, { pod, container, volume, subPath, index: mounts.length }) : volume.path;
    mounts.push({
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : path.posix.join('/', mount.mountPath),
      hostPath,
      readOnly: mount.readOnly === true || volume.readOnly,
      propagation: propagations[mount.mountPropagation ?? 'None'] ?? 'private',
    });
  }
  return mounts;
}

/** A subPathExpr whose variables must all exist. */
function expandStrictly(text: string, envs: readonly Variable[]): string {
  let missing: string | undefined;
  const expanded = expand(text, (name) => {
    const found = envs.find(({ key }) => key === name)?.value;
    if (found === undefined) missing ??= name;
    return found;
  });
  if (missing !== undefined) throw new ContainerError('CreateContainerConfigError', `missing value for ${missing}`);
  return expanded;
}
