// What containers and probes get when they do not say otherwise.
import type { Container, EphemeralContainer, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../gen/types.js';
import { roundedToMilli } from '../resource-list.js';
import { imageTag } from './image-name.js';

export const pullPolicyOf = (image: string | undefined): string => (imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent');

export function containerDefaults(container: Container | EphemeralContainer): void {
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const variable of container.env ?? []) {
    const source = variable.valueFrom;
    if (source?.fieldRef) source.fieldRef.apiVersion ??= 'v1';
    if (source?.fileKeyRef) source.fileKeyRef.optional ??= false;
  }
  roundedToMilli(container.resources?.limits);
  roundedToMilli(container.resources?.requests);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) probeDefaults(probe);
  if (container.lifecycle) lifecycleDefaults(container.lifecycle);
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= pullPolicyOf(container.image);
  if (container.securityContext?.procMount === '') delete container.securityContext.procMount;
}

function probeDefaults(probe: Probe): void {
  if (probe.httpGet) httpGetDefaults(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
}

function lifecycleDefaults({ postStart, preStop }: Lifecycle): void {
  const handlerDefaults = (handler: LifecycleHandler | undefined): void => {
    if (handler?.httpGet) httpGetDefaults(handler.httpGet);
  };
  handlerDefaults(postStart);
  handlerDefaults(preStop);
}

function httpGetDefaults(action: HTTPGetAction): void {
  action.path ??= '/';
  action.scheme ??= 'HTTP';
}
