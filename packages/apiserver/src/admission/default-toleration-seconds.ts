// DefaultTolerationSeconds: pods stay five minutes on a node that is not ready or not reachable, unless they say otherwise.
import type { Pod, Toleration } from '@steersman/api';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const defaultSeconds = 300;

const covers = (toleration: Toleration, key: string): boolean =>
  (toleration.key === key || !toleration.key) && (toleration.effect === 'NoExecute' || !toleration.effect);

export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = 'DefaultTolerationSeconds';

  mutate(request: AdmissionRequest): void {
    if ((request.operation !== 'CREATE' && request.operation !== 'UPDATE') || !concerns(request, '', 'pods') || !request.object) return;
    const { spec } = request.object as unknown as Pod;
    if (!spec) return;
    for (const key of taints) {
      if (spec.tolerations?.some((toleration) => covers(toleration, key))) continue;
      spec.tolerations = [...(spec.tolerations ?? []), { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: defaultSeconds }];
    }
  }
}
