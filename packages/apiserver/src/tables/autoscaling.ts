// Horizontal pod autoscalers as tables. The cells are those of autoscaling/v2 whichever version is asked for.
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '@steersman/api';
import { ageColumn, ageSince, column, nameColumn } from './default-columns.js';
import { columnsFor, type TableColumns } from './table-columns.js';

interface Target {
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

const unknown = '<unknown>';

/** A share in percent or an average, of a resource. */
function resourceText(name: string, target: Target, current: Target | undefined): string {
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? unknown}/${target.averageValue}`;
  const now = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`;
  return `${name}: ${now}/${target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`;
}

/** A value, or an average marked as such. */
function valueText(target: Target, current: Target | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current?.value ?? unknown}/${target.value ?? ''}`;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  if (spec.external) return valueText(spec.external.target, status?.external?.current);
  if (spec.object) return valueText(spec.object.target, status?.object?.current);
  if (spec.pods) return `${status?.pods?.current.averageValue ?? unknown}/${spec.pods.target.averageValue ?? ''}`;
  if (spec.resource) return resourceText(spec.resource.name, spec.resource.target, status?.resource?.current);
  if (spec.containerResource) return resourceText(spec.containerResource.name, spec.containerResource.target, status?.containerResource?.current);
  return '<unknown type>';
}

const shown = 2;

function metricsText({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const texts = metrics.map((metric, index) => metricText(metric, status?.currentMetrics?.[index]));
  return texts.length > shown ? `${texts.slice(0, shown).join(', ')} + ${texts.length - shown} more...` : texts.join(', ');
}

const horizontalPodAutoscalers = columnsFor<HorizontalPodAutoscaler>(
  [
    nameColumn,
    column(
      'Reference',
      'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.',
    ),
    column(
      'Targets',
      'metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).  The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.  Ergo, metrics used must decrease as the pod count is increased, and vice-versa.  See the individual metric source types for more information about how each type of metric must respond.',
    ),
    column(
      'MinPods',
      'minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.  minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured.  Scaling is active as long as at least one metric value is available.',
    ),
    column(
      'MaxPods',
      'maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.',
    ),
    column('Replicas', 'currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.'),
    ageColumn,
  ],
  (autoscaler, nowMs) => {
    const { metadata, spec, status } = autoscaler;
    return [
      metadata.name,
      `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
      metricsText(autoscaler),
      spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
      spec?.maxReplicas,
      status?.currentReplicas ?? 0,
      ageSince(metadata.creationTimestamp, nowMs),
    ];
  },
);

export const autoscalingTables: Readonly<Record<string, TableColumns>> = { 'autoscaling/horizontalpodautoscalers': horizontalPodAutoscalers };
