// Horizontal pod autoscalers.
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1, HPAScalingRules } from '../../gen/types.js';

const averageUtilization = 80;

export function autoscalerV1Defaults({ metadata, spec }: HorizontalPodAutoscalerV1): void {
  if (!spec) return;
  spec.minReplicas ??= 1;
  if (!metadata.annotations?.['autoscaling.alpha.kubernetes.io/metrics']) spec.targetCPUUtilizationPercentage ??= averageUtilization;
}

export function autoscalerDefaults({ spec }: HorizontalPodAutoscaler): void {
  if (!spec) return;
  spec.minReplicas ??= 1;
  spec.metrics ??= [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }];
  if (!spec.behavior) return;
  spec.behavior.scaleUp = withDefaults(spec.behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  });
  spec.behavior.scaleDown = withDefaults(spec.behavior.scaleDown, {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  });
}

const withDefaults = (rules: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules => ({ ...defaults, ...rules });
