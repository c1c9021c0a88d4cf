// The labels and annotations by which containers are found again, also after a restart of the kubelet.
// Names are upstream's: https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/types/labels.go

export const podNameLabel = 'io.kubernetes.pod.name';
export const podNamespaceLabel = 'io.kubernetes.pod.namespace';
export const podUidLabel = 'io.kubernetes.pod.uid';
export const containerNameLabel = 'io.kubernetes.container.name';

export const containerHashAnnotation = 'io.kubernetes.container.hash';
export const restartCountAnnotation = 'io.kubernetes.container.restartCount';
export const terminationMessagePathAnnotation = 'io.kubernetes.container.terminationMessagePath';
export const terminationMessagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy';
export const podGracePeriodAnnotation = 'io.kubernetes.pod.terminationGracePeriod';
/** Where the termination message file lies on the node. */
export const terminationLogAnnotation = 'io.steersman.container.terminationLog';
/** The host ports of a sandbox, as JSON, so that a restarted kubelet can attach it again just as it was. */
export const portMappingsAnnotation = 'io.steersman.sandbox.port-mappings';
