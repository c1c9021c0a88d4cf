// TaintNodesByCondition: a new node takes no pods until the node controller has found it ready.
import type { Node } from '@steersman/api';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export class TaintNodesByCondition implements AdmissionPlugin {
  readonly name = 'TaintNodesByCondition';

  mutate(request: AdmissionRequest): void {
    if (request.operation !== 'CREATE' || !concerns(request, '', 'nodes') || !request.object) return;
    const node = request.object as unknown as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, { ...taint }] };
  }
}
