// autoscaling/v1 HorizontalPodAutoscalers: one CPU target; whatever else autoscaling/v2 knows travels in annotations.
import type { ApiObject } from '../../cache/cached-object.js';
import type { Conversion } from '../conversions.js';
import { type Behavior, behaviorOf, flatMetric, goBehavior, type Metric, unflattened } from './metric-forms.js';

type FlatMetric = Record<string, unknown> & { type: string };

interface ResourceMetric extends Metric {
  readonly resource?: {
    readonly name: string;
    readonly target?: { type: string; averageUtilization?: number };
    readonly current?: { averageUtilization?: number };
  };
}

const annotations = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
};

const isCpu = ({ type, resource }: ResourceMetric): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && (resource.target?.type ?? 'Utilization') === 'Utilization';

type Record_ = Record<string, unknown>;

function fromStored(object: ApiObject): ApiObject {
  const { metrics = [], behavior, ...spec } = (object['spec'] ?? {}) as Record_ & { metrics?: ResourceMetric[]; behavior?: unknown };
  const { conditions, currentMetrics, ...status } = (object['status'] ?? {}) as Record_ & {
    conditions?: unknown[];
    currentMetrics?: ResourceMetric[];
  };
  const cpu = metrics.find(isCpu);
  const others = metrics.filter((metric) => metric !== cpu);
  const currentCpu = currentMetrics?.find(isCpu)?.resource?.current?.averageUtilization;
  const extra = {
    ...(others.length && { [annotations.metrics]: JSON.stringify(others.map((metric) => flatMetric(metric, 'target'))) }),
    ...(conditions?.length && { [annotations.conditions]: JSON.stringify(conditions) }),
    ...(currentMetrics?.length && {
      [annotations.currentMetrics]: JSON.stringify(currentMetrics.map((metric) => flatMetric(metric, 'current'))),
    }),
    ...(behavior !== undefined && { [annotations.behavior]: JSON.stringify(goBehavior(behavior as Behavior)) }),
  };
  const target = cpu?.resource?.target?.averageUtilization;
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: { ...object.metadata, ...(Object.keys(extra).length && { annotations: { ...object.metadata.annotations, ...extra } }) },
    spec: { ...spec, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    status: { currentReplicas: 0, desiredReplicas: 0, ...status, ...(currentCpu !== undefined && { currentCPUUtilizationPercentage: currentCpu }) },
  };
}

function toStored(object: ApiObject): ApiObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = (object['spec'] ?? {}) as Record_ & { targetCPUUtilizationPercentage?: number };
  const { currentCPUUtilizationPercentage: _, ...status } = (object['status'] ?? {}) as Record_ & { currentCPUUtilizationPercentage?: number };
  const given = object.metadata.annotations ?? {};
  const parsed = <T>(name: string): T | undefined => (given[name] ? (JSON.parse(given[name]) as T) : undefined);
  const kept = Object.fromEntries(Object.entries(given).filter(([name]) => !Object.values(annotations).includes(name)));
  const cpu =
    target === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }];
  const metrics = [...(parsed<FlatMetric[]>(annotations.metrics) ?? []).map((metric) => unflattened(metric, 'target')), ...cpu];
  const behavior = behaviorOf(parsed(annotations.behavior));
  const { annotations: _given, ...metadata } = object.metadata;
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(Object.keys(kept).length && { annotations: kept }) },
    spec: { ...spec, ...(metrics.length && { metrics }), ...(behavior !== undefined && { behavior }) },
    status: {
      ...status,
      currentMetrics: parsed<FlatMetric[]>(annotations.currentMetrics)?.map((metric) => unflattened(metric, 'current')) ?? null,
      ...(parsed(annotations.conditions) !== undefined && { conditions: parsed(annotations.conditions) }),
    },
  };
}

export const autoscalingV1: Conversion = { prefix: '/registry/horizontalpodautoscalers/', fromStored, toStored };
