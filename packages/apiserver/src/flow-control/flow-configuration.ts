// Keeps flow control in step with its objects: the mandatory ones are always there as they must be, the suggested ones as long as
// nobody has made them their own; schemas without a priority level say so; seats move to where they are wanted.
import {
  type Clock,
  deepEqual,
  type FlowSchema,
  type FlowSchemaSpec,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type Logger,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  type PriorityLevelConfiguration,
  type PriorityLevelConfigurationSpec,
  setCondition,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '@steersman/api';
import { type Client, WorkQueue } from '@steersman/client';
import type { Runnable } from '@steersman/component-base';
import type { Registry } from '../registry/registry.js';
import { type FlowControl, flowGroup } from './flow-control.js';

const autoUpdate = 'apf.kubernetes.io/autoupdate-spec';
const adjustMs = 10_000;
const upkeepMs = 60_000;

export interface FlowConfigurationTools {
  readonly flowControl: FlowControl;
  readonly registry: Registry;
  /** The API as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

type Spec = FlowSchemaSpec | PriorityLevelConfigurationSpec;

export class FlowConfiguration implements Runnable {
  readonly name = 'flow control';
  private readonly queue: WorkQueue;

  constructor(private readonly tools: FlowConfigurationTools) {
    this.queue = new WorkQueue(tools.clock, { baseMs: 50, maxMs: 10_000 });
  }

  /** Creates what is missing. Objects that administrators have deleted come back: so upstream has it. */
  async ensure(): Promise<void> {
    await Promise.all(
      Object.entries({ ...mandatoryPriorityLevels, ...suggestedPriorityLevels }).map(([name, spec]) =>
        this.ensureOne('PriorityLevelConfiguration', name, { spec, mandatory: Object.hasOwn(mandatoryPriorityLevels, name) }),
      ),
    );
    await Promise.all(
      Object.entries({ ...mandatoryFlowSchemas, ...suggestedFlowSchemas }).map(([name, spec]) =>
        this.ensureOne('FlowSchema', name, { spec, mandatory: Object.hasOwn(mandatoryFlowSchemas, name) }),
      ),
    );
    await this.tools.registry.stored(flowGroup, 'flowschemas').feed.caughtUp();
    this.tools.flowControl.reload();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { registry, flowControl } = this.tools;
    const changed = (): void => {
      flowControl.reload();
      this.queue.add('conditions');
    };
    const subscriptions = ['flowschemas', 'prioritylevelconfigurations'].map((resource) => {
      const { cache, feed } = registry.stored(flowGroup, resource);
      return cache.subscribe(feed.revision, changed);
    });
    changed();
    try {
      await Promise.all([
        this.queue.drainRetrying(signal, { workers: 1, work: (key) => this.work(key), failed: (_, error) => this.failed(error) }),
        this.every(adjustMs, () => flowControl.adjust(), signal),
        this.every(upkeepMs, () => this.queue.add('objects'), signal),
      ]);
    } finally {
      for (const { unsubscribe } of subscriptions) unsubscribe();
    }
  }

  private async every(periodMs: number, act: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tools.clock.sleep(periodMs, signal);
      if (!signal.aborted) act();
    }
  }

  private work(key: string): Promise<void> {
    return key === 'objects' ? this.ensure() : this.writeConditions();
  }

  private failed(error: unknown): void {
    if (!isConflict(error) && !isNotFound(error)) this.tools.logger.warn('keeping flow control in step failed, retrying', { err: error });
  }

  private async ensureOne(kind: 'FlowSchema' | 'PriorityLevelConfiguration', name: string, { spec, mandatory }: { spec: Spec; mandatory: boolean }) {
    const { registry, client } = this.tools;
    const resource = kind === 'FlowSchema' ? 'flowschemas' : 'prioritylevelconfigurations';
    const current = registry.stored(flowGroup, resource).peek(undefined, name)?.object as unknown as FlowSchema | undefined;
    if (!current) {
      const metadata = { name, annotations: { [autoUpdate]: 'true' } };
      await client.create({ kind, apiVersion: `${flowGroup}/v1`, metadata, spec } as FlowSchema).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
      return;
    }
    const ours = mandatory || (current.metadata.annotations?.[autoUpdate] ?? (current.metadata.generation === 1 ? 'true' : 'false')) === 'true';
    if (ours && !deepEqual(current.spec, spec)) await client.update({ ...current, spec } as FlowSchema);
  }

  /** Whether each schema's priority level is there. */
  private async writeConditions(): Promise<void> {
    const { registry, client, clock } = this.tools;
    for (const { object } of registry.stored(flowGroup, 'flowschemas').cache.list()) {
      const schema = object as unknown as FlowSchema;
      const level = schema.spec?.priorityLevelConfiguration?.name ?? '';
      const there = registry.stored(flowGroup, 'prioritylevelconfigurations').peek(undefined, level) as PriorityLevelConfiguration | undefined;
      const known = (schema.status?.conditions ?? []) as readonly Condition[];
      const quoted = JSON.stringify(level);
      const wanted = there
        ? {
            status: 'False',
            reason: 'Found',
            message: `This FlowSchema references the PriorityLevelConfiguration object named ${quoted} and it exists`,
          }
        : {
            status: 'True',
            reason: 'NotFound',
            message: `This FlowSchema references the PriorityLevelConfiguration object named ${quoted} but there is no such object`,
          };
      const conditions = setCondition(known, { type: 'Dangling', ...wanted }, clock.now());
      if (conditions === known) continue;
      await client.updateStatus<FlowSchema>(schema, { ...schema.status, conditions: [...conditions] });
    }
  }
}
