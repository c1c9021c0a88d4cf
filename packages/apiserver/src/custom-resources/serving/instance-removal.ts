// Deletes every object of a custom resource whose definition goes.
import { type Clock, ignoreNotFound } from '@steersman/api';
import { deleteObject } from '../../registry/deletion.js';
import type { Resource } from '../../registry/resource.js';

/** How long the objects' finalizers are waited for before the caller has to come back. */
const patienceMs = 200;
const pollMs = 20;

/** Deletes all objects; gives back whether they are gone. */
export async function removeInstances(resource: Resource, clock: Clock): Promise<boolean> {
  await resource.feed.caughtUp();
  for (const { object } of resource.cache.list()) {
    const { namespace, name = '' } = object.metadata;
    await deleteObject(resource, namespace, name, { options: {}, dryRun: false, check: async () => {} }).catch(ignoreNotFound);
  }
  const giveUpMs = clock.now() + patienceMs;
  for (;;) {
    await resource.feed.caughtUp();
    if (resource.cache.size === 0) return true;
    if (clock.now() >= giveUpMs) return false;
    await clock.sleep(pollMs);
  }
}
