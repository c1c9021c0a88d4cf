// The confinement of a container: its own security context over its pod's, and the check that it is not root.
// Mirrors https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
import type { SeccompProfile, SecurityContext } from '@steersman/api';
import { type AnyContainer, formatPod, type NodePod } from '../pods/pod.js';
import type { LinuxSecurityContext } from '../runtime/container-config.js';
import type { ImageStatus } from '../runtime/container-runtime.js';
import type { SeccompSelection } from '../runtime/sandbox-config.js';
import { ContainerError } from './container-error.js';

/** The container's security context with the pod's defaults. */
export function effectiveSecurity(pod: NodePod, container: AnyContainer): SecurityContext {
  const outer = pod.spec.securityContext ?? {};
  const own = container.securityContext ?? {};
  const inherited = {
    runAsUser: outer.runAsUser,
    runAsGroup: outer.runAsGroup,
    runAsNonRoot: outer.runAsNonRoot,
    seLinuxOptions: outer.seLinuxOptions,
    seccompProfile: outer.seccompProfile,
    appArmorProfile: outer.appArmorProfile,
  };
  return { ...Object.fromEntries(Object.entries(inherited).filter(([, value]) => value !== undefined)), ...own };
}

/** Throws where the container must not run as root and would, or where nobody can tell. */
export function verifyNonRoot(pod: NodePod, container: AnyContainer, image: ImageStatus): void {
  const { runAsNonRoot, runAsUser } = effectiveSecurity(pod, container);
  if (!runAsNonRoot) return;
  const refuse = (why: string): never => {
    throw new ContainerError('CreateContainerConfigError', `${why} (pod: "${formatPod(pod)}", container: ${container.name})`);
  };
  if (runAsUser !== undefined) {
    if (runAsUser === 0) refuse("container's runAsUser breaks non-root policy");
    return;
  }
  if (image.username) refuse(`container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root`);
  if (image.uid === undefined || image.uid === 0) refuse('container has runAsNonRoot and image will run as root');
}

const seccompOf = (profile: SeccompProfile | undefined): SeccompSelection | undefined =>
  profile && { type: profile.type as SeccompSelection['type'], ...(profile.localhostProfile && { localhostProfile: profile.localhostProfile }) };

export function linuxSecurity(pod: NodePod, container: AnyContainer): LinuxSecurityContext {
  const security = effectiveSecurity(pod, container);
  const { fsGroup, supplementalGroups = [], supplementalGroupsPolicy } = pod.spec.securityContext ?? {};
  const seccomp = seccompOf(security.seccompProfile);
  const { appArmorProfile } = security;
  const apparmor =
    appArmorProfile?.type === 'Localhost' ? appArmorProfile.localhostProfile : appArmorProfile?.type === 'Unconfined' ? 'unconfined' : undefined;
  const pid = pod.spec.hostPID ? 'node' : pod.spec.shareProcessNamespace ? 'pod' : 'container';
  return {
    privileged: security.privileged === true,
    addCapabilities: security.capabilities?.add ?? [],
    dropCapabilities: security.capabilities?.drop ?? [],
    ...(security.runAsUser !== undefined && { runAsUser: security.runAsUser }),
    ...(security.runAsGroup !== undefined && { runAsGroup: security.runAsGroup }),
    supplementalGroups: fsGroup === undefined ? supplementalGroups : [...supplementalGroups, fsGroup],
    supplementalGroupsPolicy: supplementalGroupsPolicy === 'Strict' ? 'Strict' : 'Merge',
    readonlyRootfs: security.readOnlyRootFilesystem === true,
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    ...(seccomp && { seccomp }),
    ...(apparmor && { apparmor }),
    ...(security.seLinuxOptions && { selinux: security.seLinuxOptions }),
    unmaskedProc: security.procMount === 'Unmasked',
    pid,
  };
}
