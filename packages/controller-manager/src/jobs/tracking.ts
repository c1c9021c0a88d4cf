// The finalizer that keeps a pod until its job has counted it.
import { isNotFound, type Pod } from '@steersman/api';
import { type Client, strategicMerge } from '@steersman/client';

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking';

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(trackingFinalizer) ?? false;

/** Takes the finalizer off a pod. */
export async function untrack(client: Client, { metadata }: Pod): Promise<void> {
  const patch = { metadata: { uid: metadata.uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } };
  try {
    await client.patch('Pod', { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }, patch, { type: strategicMerge });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
