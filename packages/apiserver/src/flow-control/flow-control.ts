// API priority and fairness: every request over HTTP finds its flow schema, and through it a seat in a priority level.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
import { type Clock, type FlowSchema, type PriorityLevelConfiguration, StatusError } from '@steersman/api';
import { RememberedByUser } from '../authn/remembered-by-user.js';
import type { UserInfo } from '../authn/user.js';
import type { Registry } from '../registry/registry.js';
import type { RequestInfo } from '../request/request-info.js';
import { type Matcher, matchersOf } from './flow-matching.js';
import { PriorityLevel, Rejected, type Release } from './priority-level.js';
import { boundsOf, seatLimits } from './seat-shares.js';

export const flowGroup = 'flowcontrol.apiserver.k8s.io';

export interface FlowControlOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  /** Seats of all levels together: how many requests run at a time. */
  readonly totalSeats: number;
}

/** Where a request has its seat, and what gives it back. */
export interface Admitted {
  readonly schemaUid: string;
  readonly levelUid: string;
  readonly release: Release;
}

/** A quarter of what a request may take in all. */
const longestWaitMs = 15_000;

const objectsPerSeat = 100;
const mostSeats = 10;

export class FlowControl {
  readonly levels = new Map<string, PriorityLevel>();
  private matchers: readonly Matcher[] = [];
  private readonly matched = new RememberedByUser<Matcher>();

  constructor(private readonly options: FlowControlOptions) {}

  /** Reads schemas and levels again; levels that are gone let in nobody new. */
  reload(): void {
    const { registry, clock } = this.options;
    const configurations = list<PriorityLevelConfiguration>(registry, 'prioritylevelconfigurations');
    const names = new Set(configurations.map(({ metadata }) => metadata.name ?? ''));
    for (const configuration of configurations) {
      const name = configuration.metadata.name ?? '';
      const known = this.levels.get(name);
      if (known) known.configure(configuration);
      else this.levels.set(name, new PriorityLevel(configuration, clock));
    }
    for (const name of this.levels.keys()) if (!names.has(name)) this.levels.delete(name);
    const schemas = list<FlowSchema>(registry, 'flowschemas').filter(({ spec }) => this.levels.has(spec?.priorityLevelConfiguration?.name ?? ''));
    this.matchers = matchersOf(schemas);
    this.matched.forget();
    const bounds = boundsOf(configurations, this.options.totalSeats);
    for (const [name, level] of this.levels) {
      if (level.limit === Number.POSITIVE_INFINITY) level.limit = Math.max(1, bounds.get(name)?.nominal ?? 1);
      level.dispatch();
    }
  }

  /** Moves seats to where they are wanted. */
  adjust(): void {
    const demands = [...this.levels.values()]
      .filter(({ exempt }) => !exempt)
      .map((level) => ({ configuration: level.configuration, wanted: level.takePeak() }));
    for (const [name, limit] of seatLimits(demands, this.options.totalSeats)) {
      const level = this.levels.get(name);
      if (!level) continue;
      level.limit = Math.max(1, limit);
      level.dispatch();
    }
  }

  /** A seat, at once where there is one free. Throws 429 where there is none to be had. */
  admit(user: UserInfo, info: RequestInfo, signal: () => AbortSignal): Admitted | Promise<Admitted> {
    const matcher = this.matcherOf(user, info);
    const level = matcher && this.levels.get(matcher.schema.spec?.priorityLevelConfiguration?.name ?? '');
    if (!matcher || !level) return { schemaUid: '', levelUid: '', release: () => {} };
    const { schema } = matcher;
    const where = { schemaUid: schema.metadata.uid ?? '', levelUid: level.configuration.metadata.uid ?? '' };
    const seats = info.verb === 'list' ? this.seatsOf(info) : 1;
    try {
      const entered = level.enter({
        flow: `${schema.metadata.name}/${matcher.flowOf(user, info)}`,
        seats,
        timeoutMs: longestWaitMs,
        signal,
      });
      if (!(entered instanceof Promise)) return { ...where, release: entered };
      return entered.then(
        (release) => ({ ...where, release }),
        (error: unknown) => {
          throw refused(error);
        },
      );
    } catch (error) {
      throw refused(error);
    }
  }

  private matcherOf(user: UserInfo, info: RequestInfo): Matcher | undefined {
    const { resource, verb, path } = info;
    const question = resource
      ? `${verb} ${resource.group}/${resource.resource}/${resource.subresource ?? ''}/${resource.namespace ?? ''}`
      : `${verb} ${path}`;
    return this.matched.answer(user, question, () => this.matchers.find((one) => one.matches(user, info)));
  }

  /** A list of many objects is the work of several requests. */
  private seatsOf({ resource, query }: RequestInfo): number {
    const found = resource && this.options.registry.find(resource.group, resource.version, resource.resource);
    if (!found) return 1;
    const limit = Number(query.get('limit')) || Number.POSITIVE_INFINITY;
    const objects = Math.min(limit, found.cache.count(resource.namespace));
    return Math.min(mostSeats, Math.max(1, Math.ceil(objects / objectsPerSeat)));
  }
}

/** The answer to a request without a seat: in words, and when to try again. */
export class TooManyRequests extends StatusError {
  readonly retryAfterSeconds = 1;

  constructor() {
    super({ code: 429, reason: 'TooManyRequests', message: 'Too many requests, please try again later.' });
  }
}

const refused = (error: unknown): unknown => (error instanceof Rejected ? new TooManyRequests() : error);

const list = <T>(registry: Registry, resource: string): T[] =>
  registry
    .stored(flowGroup, resource)
    .cache.list()
    .map(({ object }) => object as unknown as T);
