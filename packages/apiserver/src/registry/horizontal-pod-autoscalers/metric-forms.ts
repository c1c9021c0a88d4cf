// Metrics and scaling behaviour as autoscaling/v1 keeps them in annotations: metrics in a flat form of their own, behaviour with
// the field names of Go.

type Json = Record<string, unknown>;

/** An autoscaling/v2 metric or metric status, as far as its form matters here. */
export interface Metric {
  readonly type: string;
  readonly [source: string]: unknown;
}

interface Source {
  readonly name?: string;
  readonly container?: string;
  readonly describedObject?: unknown;
  readonly metric?: { readonly name?: string; readonly selector?: unknown };
  readonly target?: Amounts;
  readonly current?: Amounts;
}

interface Amounts {
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

const sourceNames = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;

const withoutUndefined = (object: Json): Json => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** A metric, or the status of one, in the flat form. */
export function flatMetric({ type, ...sources }: Metric, part: 'target' | 'current'): Json {
  const entries = sourceNames.flatMap((name) => (sources[name] ? [[name, flatSource(name, sources[name] as Source, part)] as const] : []));
  return { type, ...Object.fromEntries(entries) };
}

function flatSource(name: (typeof sourceNames)[number], source: Source, part: 'target' | 'current'): Json {
  const { value, averageValue, averageUtilization } = source[part] ?? {};
  const { metric } = source;
  switch (name) {
    case 'resource':
    case 'containerResource':
      return withoutUndefined({
        name: source.name,
        [`${part}AverageUtilization`]: averageUtilization,
        [`${part}AverageValue`]: averageValue ?? (part === 'current' ? '0' : undefined),
        container: source.container,
      });
    case 'external':
      return withoutUndefined({
        metricName: metric?.name,
        metricSelector: metric?.selector,
        [`${part}Value`]: value ?? (part === 'current' ? '0' : undefined),
        [`${part}AverageValue`]: averageValue,
      });
    case 'pods':
      return withoutUndefined({ metricName: metric?.name, [`${part}AverageValue`]: averageValue ?? '0', selector: metric?.selector });
    case 'object':
      return withoutUndefined({
        target: source.describedObject,
        metricName: metric?.name,
        [`${part}Value`]: value ?? '0',
        selector: metric?.selector,
        averageValue,
      });
  }
}

/** A metric, or the status of one, from its flat form. */
export function unflattened(flat: Json & { type: string }, part: 'target' | 'current'): Metric {
  const { type, ...sources } = flat;
  const entries = sourceNames.flatMap((name) => (sources[name] ? [[name, unflatSource(name, sources[name] as Json, part)] as const] : []));
  return { type, ...Object.fromEntries(entries) };
}

function unflatSource(name: (typeof sourceNames)[number], flat: Json, part: 'target' | 'current'): Json {
  const averageValue = flat[`${part}AverageValue`] ?? (name === 'object' ? flat['averageValue'] : undefined);
  const averageUtilization = flat[`${part}AverageUtilization`];
  const whole = name === 'object' && averageValue !== undefined ? undefined : flat[`${part}Value`];
  const type = averageUtilization !== undefined ? 'Utilization' : averageValue !== undefined ? 'AverageValue' : 'Value';
  const amounts = withoutUndefined({ ...(part === 'target' && { type }), value: whole, averageValue, averageUtilization });
  if (name === 'resource' || name === 'containerResource')
    return withoutUndefined({ name: flat['name'], container: flat['container'], [part]: amounts });
  const metric = withoutUndefined({
    name: flat['metricName'],
    selector: flat['metricSelector'] ?? (name === 'external' ? undefined : flat['selector']),
  });
  return withoutUndefined({ describedObject: name === 'object' ? flat['target'] : undefined, metric, [part]: amounts });
}

interface Rules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: string;
  readonly policies?: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[];
  readonly tolerance?: string;
}

export interface Behavior {
  readonly scaleUp?: Rules;
  readonly scaleDown?: Rules;
}

const goRules = (rules: Rules | undefined): unknown =>
  rules
    ? {
        StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
        SelectPolicy: rules.selectPolicy ?? null,
        Policies: rules.policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ?? null,
        Tolerance: rules.tolerance ?? null,
      }
    : null;

/** Behaviour with the field names of Go. */
export const goBehavior = ({ scaleUp, scaleDown }: Behavior): unknown => ({ ScaleUp: goRules(scaleUp), ScaleDown: goRules(scaleDown) });

/** Behaviour from the form with Go's names. */
export function behaviorOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(behaviorOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === null ? [] : [[name[0]!.toLowerCase() + name.slice(1), behaviorOf(inner)]])),
  );
}
