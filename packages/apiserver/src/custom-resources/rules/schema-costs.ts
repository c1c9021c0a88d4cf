// What the rules of one schema cost together, by estimate, and the limits for one rule and for all.
import { type FieldError, field } from '@steersman/api';

export const ruleCostLimit = 10_000_000;
const schemaCostLimit = 100_000_000;
const tellAtMost = 4;

/** How far a cost is above its limit, and what can be done. */
export function costMessage(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}

export class SchemaCosts {
  private total = 0;
  private readonly expensive: { path: string; cost: number }[] = [];

  add(path: string, cost: number): void {
    this.total += cost;
    if (cost >= schemaCostLimit / 100) this.expensive.push({ path, cost });
  }

  /** The errors of a schema whose rules cost too much together. */
  errors(path: string): FieldError[] {
    if (this.total <= schemaCostLimit) return [];
    const most = [...this.expensive].sort((a, b) => b.cost - a.cost).slice(0, tellAtMost);
    const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const all = costMessage('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.total, schemaCostLimit);
    return [...most.map((one) => field.forbiddenField(one.path, contributed)), field.forbiddenField(path, all)];
  }
}
