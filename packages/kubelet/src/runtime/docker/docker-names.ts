// Names and labels of containers in Docker, as dockershim gave them.
import type { ContainerConfig } from '../container-config.js';
import type { PodSandboxConfig } from '../sandbox-config.js';

export const typeLabel = 'io.kubernetes.docker.type';
export const sandboxIdLabel = 'io.kubernetes.sandbox.id';
export const logPathLabel = 'io.kubernetes.container.logpath';
export const attemptLabel = 'io.steersman.attempt';
export const imageLabel = 'io.steersman.image';
export const clusterLabel = 'io.steersman.cluster';
export const nodeLabel = 'io.steersman.node';
export const createdLabel = 'io.steersman.created';

const annotationPrefix = 'annotation.';

export const sandboxName = ({ metadata }: PodSandboxConfig): string =>
  `k8s_POD_${metadata.name}_${metadata.namespace}_${metadata.uid}_${metadata.attempt}`;

export const containerName = (config: ContainerConfig, { metadata }: PodSandboxConfig): string =>
  `k8s_${config.metadata.name}_${metadata.name}_${metadata.namespace}_${metadata.uid}_${config.metadata.attempt}`;

/** Docker has no annotations: they are labels with a prefix. Those of users stay out. */
export const annotationLabels = (annotations: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations)
      .filter(([key]) => /^io\.(kubernetes|steersman)\./.test(key))
      .map(([key, value]) => [annotationPrefix + key, value]),
  );

export const annotationsIn = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (key.startsWith(annotationPrefix) ? [[key.slice(annotationPrefix.length), value]] : [])),
  );
