// Keeps a claim that is being deleted until no pod uses it any more.
// Mirrors https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
import { isDeleting, type KindName, type KubernetesObject, type PersistentVolumeClaim, type Pod } from '@steersman/api';
import type { Client, InformerEvent, InformerFactory } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

const finalizer = 'kubernetes.io/pvc-protection';

/** Takes the protection off claims that are deleted and unused. */
export class ClaimProtectionController implements Controller<'PersistentVolumeClaim'> {
  readonly name = 'pvc-protection';
  readonly watches = 'PersistentVolumeClaim';
  readonly related = [{ kind: 'Pod' as KindName, keysOf: claimsUsedBy }];

  constructor(private readonly tools: { readonly client: Client; readonly informers: InformerFactory }) {}

  async reconcile(claim: PersistentVolumeClaim): Promise<Result> {
    const { finalizers = [], namespace, name } = claim.metadata;
    if (!isDeleting(claim) || !finalizers.includes(finalizer)) return done;
    const pods = this.tools.informers.of('Pod').lister.list(namespace);
    if (pods.some((pod) => isUsing(pod) && claimNamesOf(pod).includes(name ?? ''))) return done;
    await this.tools.client.update<PersistentVolumeClaim>({
      ...claim,
      metadata: { ...claim.metadata, finalizers: finalizers.filter((one) => one !== finalizer) },
    });
    return done;
  }
}

/** A pod without a node, or that has ended, holds nothing. */
const isUsing = ({ spec, status }: Pod): boolean => Boolean(spec?.nodeName) && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

const claimNamesOf = ({ metadata, spec }: Pod): string[] =>
  (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
    persistentVolumeClaim ? [persistentVolumeClaim.claimName ?? ''] : ephemeral ? [`${metadata.name}-${name}`] : [],
  );

const claimsUsedBy = ({ object }: InformerEvent<KubernetesObject>): string[] =>
  claimNamesOf(object as Pod).map((name) => `${object.metadata?.namespace}/${name}`);
