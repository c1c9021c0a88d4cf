// Follows CustomResourceDefinitions: accepts their names, serves their resources, and takes them down with all their objects.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
import {
  type Clock,
  type ConditionLike,
  type CustomResourceDefinition,
  conditionOf,
  isConditionTrue,
  isConflict,
  isNotFound,
  type Logger,
  setCondition,
} from '@steersman/api';
import { WorkQueue } from '@steersman/client';
import { aborted } from '@steersman/component-base';
import { loopbackUser } from '../../authn/user.js';
import type { Registry } from '../../registry/registry.js';
import type { Resource } from '../../registry/resource.js';
import type { ResourceDefinition } from '../../registry/resource-definition.js';
import { createContext } from '../../request/request-context.js';
import { approvalOf, isProtectedGroup } from '../definitions/approval.js';
import { asDefinition, cleanupFinalizer } from '../definitions/strategy.js';
import { customDefinitions } from './custom-definition.js';
import { removeInstances } from './instance-removal.js';
import { acceptNames, isSettled } from './naming.js';
import type { Converter } from './stored-form.js';

export interface DefinitionControllerTools {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How objects of a definition become another version. */
  converterOf(definition: CustomResourceDefinition): Converter;
}

/** What is served of a definition, and what it was made from. */
interface Served {
  readonly stamp: string;
  readonly definitions: readonly ResourceDefinition[];
}

type Condition = ConditionLike & { reason: string; message: string };

export class DefinitionController {
  readonly name = 'custom resource definitions';
  private readonly served = new Map<string, Served>();
  private readonly queue: WorkQueue;
  private readonly definitions: Resource;

  constructor(private readonly tools: DefinitionControllerTools) {
    this.queue = new WorkQueue(tools.clock, { baseMs: 20, maxMs: 10_000 });
    this.definitions = tools.registry.stored('apiextensions.k8s.io', 'customresourcedefinitions');
  }

  /** Serves what the store has; everything later comes with `run`. */
  async start(): Promise<void> {
    for (const { object } of this.definitions.cache.list()) {
      const definition = asDefinition(object);
      if (isServable(definition)) await this.serve(definition);
      this.queue.add(definition.metadata.name ?? '');
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { backlog, unsubscribe } = this.definitions.cache.subscribe(this.definitions.feed.revision, ({ object }) =>
      this.queue.add(object.object.metadata.name ?? ''),
    );
    for (const { object } of backlog) this.queue.add(object.object.metadata.name ?? '');
    for (const { object } of this.definitions.cache.list()) this.queue.add(object.metadata.name ?? '');
    try {
      await this.queue.drainRetrying(signal, { workers: 1, work: (name) => this.sync(name), failed: (name, error) => this.failed(name, error) });
      await aborted(signal);
    } finally {
      unsubscribe();
    }
  }

  private failed(name: string, error: unknown): void {
    if (!isConflict(error) && !isNotFound(error)) this.tools.logger.warn('serving a custom resource failed, retrying', { name, err: error });
  }

  private async sync(name: string): Promise<void> {
    const found = this.definitions.peek(undefined, name);
    if (!found) {
      this.unserve(name);
      return this.reconsiderOthers(name);
    }
    let definition = asDefinition(found.object);
    const naming = acceptNames(definition, this.all());
    if (!isSettled(definition, naming)) {
      definition = await this.writeStatus(name, (status) => ({
        ...status,
        acceptedNames: naming.names,
        conditions: this.withConditions(status?.conditions, [naming.condition, ...establishing(definition, naming.condition)]),
      }));
      this.reconsiderOthers(name);
    }
    await this.noteApproval(definition);
    if (isServable(definition)) await this.serve(definition);
    if (isConditionTrue(definition.status?.conditions, 'NamesAccepted') && !isConditionTrue(definition.status?.conditions, 'Established'))
      definition = await this.writeStatus(name, (status) => ({ ...status, conditions: this.withConditions(status?.conditions, [established]) }));
    if (definition.metadata.deletionTimestamp && definition.metadata.finalizers?.includes(cleanupFinalizer)) await this.cleanUp(definition);
  }

  private all(): CustomResourceDefinition[] {
    return this.definitions.cache.list().map(({ object }) => asDefinition(object));
  }

  /** Names that became free may be what others wait for. */
  private reconsiderOthers(name: string): void {
    for (const { metadata } of this.all()) if (metadata.name !== name) this.queue.add(metadata.name ?? '');
  }

  private withConditions(conditions: readonly ConditionLike[] | null | undefined, wanted: readonly Condition[]): readonly ConditionLike[] {
    const nowMs = this.tools.clock.now();
    return wanted.reduce<readonly ConditionLike[]>((list, condition) => setCondition(list, condition, nowMs), conditions ?? []);
  }

  /** Groups of the Kubernetes community show in a condition whether they were approved. */
  private async noteApproval(definition: CustomResourceDefinition): Promise<void> {
    if (!isProtectedGroup(definition.spec.group)) return;
    const { state, reason } = approvalOf(definition);
    const reasons = { approved: 'ApprovedAnnotation', bypassed: 'UnapprovedAnnotation', missing: 'MissingAnnotation', invalid: 'InvalidAnnotation' };
    const condition = {
      type: 'KubernetesAPIApprovalPolicyConformant',
      status: state === 'approved' ? 'True' : 'False',
      reason: reasons[state],
      message: reason,
    };
    const known = conditionOf(definition.status?.conditions ?? [], condition.type) as Partial<Condition> | undefined;
    if (known?.status === condition.status && known.reason === condition.reason && known.message === condition.message) return;
    await this.writeStatus(definition.metadata.name ?? '', (status) => ({
      ...status,
      conditions: this.withConditions(status?.conditions, [condition]),
    }));
  }

  private async writeStatus(name: string, change: (status: CustomResourceDefinition['status']) => object): Promise<CustomResourceDefinition> {
    const { object } = await this.definitions.update(
      undefined,
      name,
      async (current) => ({ ...current!, status: change(asDefinition(current!).status) }),
      { context: createContext(loopbackUser), dryRun: false, part: 'status', check: async () => {} },
    );
    return asDefinition(object.object);
  }

  /** Serves all versions as the definition has them now; what is served no longer is taken away. */
  private async serve(definition: CustomResourceDefinition): Promise<void> {
    const { metadata, spec, status } = definition;
    const name = metadata.name ?? '';
    const stamp = JSON.stringify([metadata.uid, spec, status?.acceptedNames, metadata.deletionTimestamp !== undefined]);
    const before = this.served.get(name);
    if (before?.stamp === stamp) return;
    const definitions = customDefinitions(definition, this.tools.converterOf(definition)).filter((one) => !this.tools.registry.isBuiltIn(one.info));
    await Promise.all(definitions.map((one) => this.tools.registry.add(one)));
    const now = new Set(definitions.map(({ info }) => `${info.version}/${info.resource}`));
    for (const one of before?.definitions ?? []) if (!now.has(`${one.info.version}/${one.info.resource}`)) this.tools.registry.remove(one);
    this.served.set(name, { stamp, definitions });
  }

  private unserve(name: string): void {
    const served = this.served.get(name);
    for (const one of served?.definitions ?? []) this.tools.registry.remove(one);
    this.served.delete(name);
  }

  /** Deletes every object of the definition, then lets the definition go. */
  private async cleanUp(definition: CustomResourceDefinition): Promise<void> {
    const name = definition.metadata.name ?? '';
    const resource = this.tools.registry.findStored(definition.spec.group, definition.status?.acceptedNames?.plural ?? '');
    let last: Condition = terminated('NeverEstablished', 'resource was never established');
    if (resource) {
      await this.writeStatus(name, (status) => ({ ...status, conditions: this.withConditions(status?.conditions, [inProgress]) }));
      if (!(await removeInstances(resource, this.tools.clock))) throw new Error('custom resources still wait for their finalizers');
      last = terminated('InstanceDeletionCompleted', 'removed all instances');
    }
    await this.writeStatus(name, (status) => ({ ...status, conditions: this.withConditions(status?.conditions, [last]) }));
    await this.definitions.update(
      undefined,
      name,
      async (current) => ({
        ...current!,
        metadata: { ...current!.metadata, finalizers: (current!.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer) },
      }),
      { context: createContext(loopbackUser), dryRun: false, part: 'object', validate: () => [], prepare: () => {}, check: async () => {} },
    );
  }
}

const established: Condition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
};

const inProgress: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

const terminated = (reason: string, message: string): Condition => ({ type: 'Terminating', status: 'False', reason, message });

/** What is told of being established before the resource is served. */
function establishing({ status }: CustomResourceDefinition, naming: Condition): Condition[] {
  if (isConditionTrue(status?.conditions, 'Established')) return [];
  return naming.status === 'True'
    ? [{ type: 'Established', status: 'False', reason: 'Installing', message: 'the initial names have been accepted' }]
    : [{ type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }];
}

const isServable = ({ status }: CustomResourceDefinition): boolean =>
  isConditionTrue(status?.conditions, 'NamesAccepted') || isConditionTrue(status?.conditions, 'Established');
