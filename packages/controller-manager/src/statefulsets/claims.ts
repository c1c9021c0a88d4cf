// The claims of a stateful set: made before their pod, and owned as the retention policy says.
import { isAlreadyExists, isDeleting, type PersistentVolumeClaim, type Pod, type StatefulSet } from '@steersman/api';
import type { Client, EventRecorder, InformerFactory } from '@steersman/client';
import { claimNameOf, claimsOf, ordinalOf, podNameOf } from './identity.js';
import { isCondemned } from './plan.js';

type OwnerReference = NonNullable<PersistentVolumeClaim['metadata']['ownerReferences']>[number];

export class StatefulClaims {
  constructor(private readonly tools: { client: Client; informers: InformerFactory; recorder: EventRecorder }) {
    tools.informers.of('PersistentVolumeClaim');
  }

  /** Makes the claims that the pod of this ordinal needs. */
  async ensure(set: StatefulSet, ordinal: number): Promise<void> {
    for (const claim of claimsOf(set, ordinal)) {
      if (this.find(set, claim.metadata.name ?? '')) continue;
      const about = `Claim ${claim.metadata.name} Pod ${podNameOf(set, ordinal)} in StatefulSet ${set.metadata.name}`;
      try {
        await this.tools.client.create(claim);
        this.tools.recorder.normal(set, 'SuccessfulCreate', `Create ${about} success`);
      } catch (error) {
        if (isAlreadyExists(error)) continue;
        this.tools.recorder.warning(set, 'FailedCreate', `Create ${about} failed error: ${(error as Error).message}`);
        throw error;
      }
    }
  }

  /** Gives the claims of a pod the owners that make them go with the set, with the pod, or stay. */
  async retain(set: StatefulSet, pod: Pod): Promise<void> {
    const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
    const condemned = isCondemned(set, pod);
    const owner =
      condemned && whenScaled === 'Delete'
        ? ownerOf(pod, 'v1', 'Pod')
        : !condemned && whenDeleted === 'Delete'
          ? ownerOf(set, 'apps/v1', 'StatefulSet')
          : undefined;
    for (const template of set.spec?.volumeClaimTemplates ?? []) {
      const claim = this.find(set, claimNameOf(set, template.metadata?.name ?? '', ordinalOf(set, pod) ?? 0));
      if (!claim || isDeleting(claim)) continue;
      const present = claim.metadata.ownerReferences ?? [];
      const others = present.filter(({ uid, kind, name }) => uid !== set.metadata.uid && !(kind === 'Pod' && name === pod.metadata.name));
      const wanted = owner && !others.some(({ controller }) => controller) ? [...others, owner] : others;
      if (wanted.length === present.length && wanted.every(({ uid }) => present.some((one) => one.uid === uid))) continue;
      const { ownerReferences: _before, ...metadata } = claim.metadata;
      await this.tools.client.update<PersistentVolumeClaim>({
        ...claim,
        metadata: { ...metadata, ...(wanted.length && { ownerReferences: wanted }) },
      });
    }
  }

  private find(set: StatefulSet, name: string): PersistentVolumeClaim | undefined {
    return this.tools.informers.of('PersistentVolumeClaim').lister.getByKey(`${set.metadata.namespace}/${name}`);
  }
}

const ownerOf = ({ metadata }: Pod | StatefulSet, apiVersion: string, kind: string): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});
