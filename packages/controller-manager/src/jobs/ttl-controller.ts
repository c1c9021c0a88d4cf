// Deletes jobs some time after they have finished.
// Mirrors https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/
import { type Clock, fromTime, ignoreNotFound, isDeleting, type Job } from '@steersman/api';
import type { Client } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

/** Ends the life of a finished job once its ttlSecondsAfterFinished have passed. */
export class TtlAfterFinishedController implements Controller<'Job'> {
  readonly name = 'ttl-after-finished';
  readonly watches = 'Job';

  constructor(private readonly tools: { readonly client: Client; readonly clock: Clock }) {}

  async reconcile(job: Job): Promise<Result> {
    const ttlSeconds = job.spec?.ttlSecondsAfterFinished;
    const finished = job.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
    if (ttlSeconds === undefined || !finished || isDeleting(job)) return done;
    const leftMs = fromTime(finished.lastTransitionTime) + ttlSeconds * 1000 - this.tools.clock.now();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    const { namespace = '', name = '', uid = '' } = job.metadata;
    await this.tools.client.delete('Job', { namespace, name }, { propagationPolicy: 'Foreground', preconditions: { uid } }).catch(ignoreNotFound);
    return done;
  }
}
