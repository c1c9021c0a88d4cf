// The event stream of the Docker Engine: the mirror looks at each container that something has happened to.
import type { Readable } from 'node:stream';
import type { Logger } from '@steersman/api';
import type Docker from 'dockerode';
import type { ContainerEvent } from '../container-runtime.js';
import { EventQueue } from '../event-queue.js';
import { podUidLabel } from '../labels.js';
import type { ContainerMirror } from './container-mirror.js';
import { labelsOf } from './docker-status.js';

export interface EventTools {
  readonly docker: Docker;
  readonly mirror: ContainerMirror;
  readonly logger: Logger;
  readonly labels: readonly string[];
}

export async function* followEvents(
  { docker, mirror, logger, labels }: EventTools,
  signal: AbortSignal,
): AsyncGenerator<ContainerEvent, void, undefined> {
  const queue = new EventQueue<ContainerEvent>();
  const source = (await docker.getEvents({
    filters: { type: ['container'], label: [...labels], event: ['start', 'die', 'destroy', 'oom'] },
  })) as Readable;
  const stop = (): void => queue.end();
  signal.addEventListener('abort', stop, { once: true });
  const forget = mirror.onChange((inspection, type) =>
    queue.push({ type, containerId: inspection.Id, podUid: labelsOf(inspection)[podUidLabel] ?? '' }),
  );
  read(source, mirror, logger).then(
    () => queue.end(new Error('Docker closed its event stream')),
    (cause: unknown) => queue.end(new Error('reading events of Docker', { cause })),
  );
  try {
    await mirror.refresh();
    if (signal.aborted) return;
    yield* queue;
  } finally {
    signal.removeEventListener('abort', stop);
    forget();
    source.destroy();
  }
}

async function read(source: Readable, mirror: ContainerMirror, logger: Logger): Promise<void> {
  let rest = '';
  for await (const part of source) {
    rest += (part as Buffer).toString();
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.trim()) continue;
      mirror.update((JSON.parse(line) as { id: string }).id).catch((err: unknown) => logger.debug('container not inspected', { err }));
    }
  }
}
