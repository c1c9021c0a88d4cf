// Finds the persistent volume that a claim is bound to.
import { isNotFound, type PersistentVolume } from '@steersman/api';
import type { Client } from '@steersman/client';

export async function boundVolume(client: Client, namespace: string, name: string): Promise<PersistentVolume> {
  const claim = await client.get('PersistentVolumeClaim', { namespace, name }).catch((error: unknown) => {
    throw new Error(
      isNotFound(error)
        ? `error processing PVC ${namespace}/${name}: persistentvolumeclaim "${name}" not found`
        : `error processing PVC ${namespace}/${name}: failed to fetch PVC from API server`,
      { cause: error },
    );
  });
  if (claim.metadata.deletionTimestamp) throw new Error(`error processing PVC ${namespace}/${name}: PVC is being deleted`);
  const volume = claim.spec?.volumeName;
  if (claim.status?.phase !== 'Bound' || !volume) throw new Error(`error processing PVC ${namespace}/${name}: PVC is not bound`);
  return client.get('PersistentVolume', { name: volume });
}
