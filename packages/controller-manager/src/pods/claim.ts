// Adoption and release: a controller takes over matching orphans and lets go of what matches no more.
import {
  controllerOf,
  controllerReference,
  isDeleting,
  isNotFound,
  type KindName,
  type KubernetesObject,
  type LabelSelector,
  labelSelectorMatches,
  StatusError,
} from '@steersman/api';
import { type Client, strategicMerge } from '@steersman/client';

export interface Claim<T extends KubernetesObject> {
  readonly client: Client;
  readonly kind: KindName;
  readonly owner: KubernetesObject;
  readonly selector: LabelSelector | undefined;
  readonly candidates: readonly T[];
}

/** The candidates that the owner controls after this; changes the others' owner references as needed. */
export async function claim<T extends KubernetesObject>({ client, kind, owner, selector, candidates }: Claim<T>): Promise<T[]> {
  const claimed: T[] = [];
  for (const object of candidates) {
    const controller = controllerOf(object);
    const matches = labelSelectorMatches(selector, object.metadata?.labels ?? {});
    if (controller) {
      if (controller.uid !== owner.metadata?.uid) continue;
      if (matches) claimed.push(object);
      else if (!isDeleting(owner)) await release(client, kind, { object, owner });
      continue;
    }
    if (!matches || isDeleting(owner) || isDeleting(object)) continue;
    if (await adopt(client, kind, { object, owner })) claimed.push(object);
  }
  return claimed;
}

const keyOf = ({ metadata }: KubernetesObject): { namespace: string; name: string } => ({
  namespace: metadata?.namespace ?? '',
  name: metadata?.name ?? '',
});

async function adopt(client: Client, kind: KindName, { object, owner }: { object: KubernetesObject; owner: KubernetesObject }): Promise<boolean> {
  try {
    await client.patch(
      kind,
      keyOf(object),
      { metadata: { uid: object.metadata?.uid, ownerReferences: [controllerReference(owner)] } },
      { type: strategicMerge },
    );
    return true;
  } catch (error) {
    if (isNotFound(error) || (error instanceof StatusError && error.code === 422)) return false;
    throw error;
  }
}

async function release(client: Client, kind: KindName, { object, owner }: { object: KubernetesObject; owner: KubernetesObject }): Promise<void> {
  try {
    await client.patch(
      kind,
      keyOf(object),
      { metadata: { uid: object.metadata?.uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata?.uid }] } },
      { type: strategicMerge },
    );
  } catch (error) {
    if (!isNotFound(error) && !(error instanceof StatusError && error.code === 422)) throw error;
  }
}
