// Whether resources keep within one item of a limit range, in upstream's words where they do not.
import { approximateValue, compareQuantities, type LimitRange } from '@steersman/api';

export type LimitItem = NonNullable<LimitRange['spec']>['limits'][number];

type Amounts = { [name: string]: string };

export interface Resources {
  readonly requests?: Amounts;
  readonly limits?: Amounts;
}

interface Asked {
  readonly type: string;
  readonly name: string;
  readonly bound: string;
  readonly request: string | undefined;
  readonly limit: string | undefined;
}

function belowMinimum({ type, name, bound, request, limit }: Asked): string | undefined {
  const start = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${start}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${start}, but request is ${request}`;
  return limit !== undefined && compareQuantities(limit, bound) < 0 ? `${start}, but limit is ${limit}` : undefined;
}

function aboveMaximum({ type, name, bound, request, limit }: Asked): string | undefined {
  const start = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${start}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${start}, but limit is ${limit}`;
  return request !== undefined && compareQuantities(request, bound) > 0 ? `${start}, but request is ${request}` : undefined;
}

function requestAboveMaximum({ type, name, bound, request }: Asked): string | undefined {
  const start = `maximum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${start}.  No request is specified`;
  return compareQuantities(request, bound) > 0 ? `${start}, but request is ${request}` : undefined;
}

function aboveRatio({ type, name, bound, request, limit }: Asked): string | undefined {
  const start = `${name} max limit to request ratio per ${type} is ${bound}`;
  const [asked, allowed] = [approximateValue(request ?? '0'), approximateValue(limit ?? '0')];
  if (asked === 0) return `${start}, but no request is specified or request is 0`;
  if (allowed === 0) return `${start}, but no limit is specified or limit is 0`;
  const ratio = allowed / asked;
  return ratio > approximateValue(bound) ? `${start}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

type Check = (asked: Asked) => string | undefined;

function failures(bounds: Amounts | undefined, check: Check, { type, resources }: { type: string; resources: Resources }): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => {
    const failure = check({ type, name, bound, request: resources.requests?.[name], limit: resources.limits?.[name] });
    return failure === undefined ? [] : [failure];
  });
}

/** Of a container or a whole pod. */
export function violations(item: LimitItem, resources: Resources): string[] {
  const what = { type: item.type, resources };
  return [
    ...failures(item.min, belowMinimum, what),
    ...failures(item.max, aboveMaximum, what),
    ...failures(item.maxLimitRequestRatio, aboveRatio, what),
  ];
}

/** Of a claim, which has requests only. */
export function requestViolations(item: LimitItem, resources: Resources): string[] {
  const what = { type: item.type, resources };
  return [...failures(item.min, belowMinimum, what), ...failures(item.max, requestAboveMaximum, what)];
}
