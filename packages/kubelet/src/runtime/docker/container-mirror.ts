// What Docker has of this node's containers, mirrored in memory: filled once, then kept up to date by Docker's events.
import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { isMissing } from './docker-error.js';

export type Inspection = ContainerInspectInfo;

export type MirrorListener = (inspection: Inspection, change: 'started' | 'stopped' | 'deleted') => void;

/** Inspections of a container at a time. */
const parallel = 8;

export class ContainerMirror {
  private readonly containers = new Map<string, Inspection>();
  private readonly listeners = new Set<MirrorListener>();
  private filled: Promise<void> | undefined;

  constructor(
    private readonly docker: Docker,
    private readonly labels: readonly string[],
  ) {}

  /** The containers, filled at the first asking. */
  async list(): Promise<readonly Inspection[]> {
    this.filled ??= this.refresh().catch((error: unknown) => {
      this.filled = undefined;
      throw error;
    });
    await this.filled;
    return [...this.containers.values()];
  }

  get(id: string): Inspection | undefined {
    return this.containers.get(id);
  }

  onChange(listener: MirrorListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Compares all with what Docker has. */
  async refresh(): Promise<void> {
    const listed = await this.docker.listContainers({ all: true, filters: { label: [...this.labels] } });
    const ids = new Set(listed.map(({ Id }) => Id));
    for (const id of this.containers.keys()) if (!ids.has(id)) this.drop(id);
    const stale = listed.filter(({ Id, State }) => this.containers.get(Id)?.State.Status !== State).map(({ Id }) => Id);
    const next = async (): Promise<void> => {
      for (let id = stale.pop(); id !== undefined; id = stale.pop()) await this.update(id);
    };
    await Promise.all(Array.from({ length: parallel }, next));
  }

  /** Looks at one container again. */
  async update(id: string): Promise<Inspection | undefined> {
    try {
      const inspection = await this.docker.getContainer(id).inspect();
      const before = this.containers.get(id);
      // A look that began earlier may end later: what has ended does not run again under the same start.
      if (before && !before.State.Running && inspection.State.Running && before.State.StartedAt === inspection.State.StartedAt) return before;
      this.containers.set(id, inspection);
      if (before?.State.Status !== inspection.State.Status) this.tell(inspection, inspection.State.Running ? 'started' : 'stopped');
      return inspection;
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.drop(id);
      return undefined;
    }
  }

  drop(id: string): void {
    const before = this.containers.get(id);
    if (!before) return;
    this.containers.delete(id);
    this.tell(before, 'deleted');
  }

  private tell(inspection: Inspection, change: 'started' | 'stopped' | 'deleted'): void {
    for (const listener of this.listeners) listener(inspection, change);
  }
}
