// Fields of pods that belong to features which are off in v1.35: they are taken out before anything looks at them.
import type { Container, EphemeralContainer, PodSpec } from '../../gen/types.js';

export function dropDisabledFields(spec: PodSpec): void {
  delete spec.hostnameOverride;
  for (const container of spec.containers ?? []) {
    delete container.restartPolicy;
    dropFromContainer(container);
  }
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy !== 'Always') delete container.restartPolicy;
    dropFromContainer(container);
  }
  for (const container of spec.ephemeralContainers ?? []) dropFromContainer(container);
}

function dropFromContainer(container: Container | EphemeralContainer): void {
  delete container.restartPolicyRules;
  const { lifecycle } = container;
  if (lifecycle?.stopSignal === undefined) return;
  delete lifecycle.stopSignal;
  if (Object.keys(lifecycle).length === 0) delete container.lifecycle;
}
