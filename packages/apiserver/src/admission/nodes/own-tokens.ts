// For whom a kubelet may ask tokens: for pods bound to it, and for the audiences that those pods name.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
import type { CSIDriver, PersistentVolume, PersistentVolumeClaim, Pod, TokenRequest } from '@steersman/api';
import { claimNames } from '../../authz/pod-references.js';
import type { NodeRequest } from './node-restriction.js';

export function checkToken(one: NodeRequest): void {
  const { request, node, tools, refuse } = one;
  const { spec } = request.object as unknown as TokenRequest;
  const reference = spec?.boundObjectRef;
  if (reference?.apiVersion !== 'v1' || reference.kind !== 'Pod' || !reference.name) throw refuse('node requested token not bound to a pod');
  if (!reference.uid) throw refuse('node requested token with a pod binding without a uid');
  const pod = tools.pods.peek(request.namespace, reference.name)?.object as unknown as Pod | undefined;
  if (!pod) throw refuse(`pod "${reference.name}" not found`);
  if (pod.metadata.uid !== reference.uid)
    throw refuse(
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  if (pod.spec?.nodeName !== node) throw refuse('node requested token bound to a pod scheduled on a different node');
  checkAudience(one, pod, spec.audiences ?? []);
}

function checkAudience({ request, tools, refuse }: NodeRequest, pod: Pod, audiences: readonly string[]): void {
  if (audiences.length > 1) throw refuse('node may only request 0 or 1 audiences');
  const [audience = ''] = audiences;
  if (podAudiences(pod).has(audience) || driversOf(pod, tools).some((name) => driverAudiences(name, tools).has(audience))) return;
  const { allowed } = tools.authorizer.authorize({
    user: request.user,
    verb: 'request-serviceaccounts-token-audience',
    group: '',
    version: '',
    resource: audience,
    name: request.name ?? '',
    namespace: request.namespace ?? '',
  });
  if (!allowed)
    throw refuse(
      `audience "${audience}" not found in pod spec volume, system:node:${pod.spec?.nodeName} is not authorized to request tokens for this audience`,
    );
}

const podAudiences = ({ spec }: Pod): Set<string> =>
  new Set(
    (spec?.volumes ?? []).flatMap(({ projected }) =>
      (projected?.sources ?? []).flatMap(({ serviceAccountToken }) => (serviceAccountToken ? [serviceAccountToken.audience ?? ''] : [])),
    ),
  );

/** The drivers of the pod's volumes. */
function driversOf({ metadata, spec }: Pod, { claims, volumes }: NodeRequest['tools']): string[] {
  if (!spec) return [];
  const claimed = claimNames(metadata.name ?? '', spec).flatMap((name) => {
    const claim = claims.peek(metadata.namespace, name ?? '')?.object as unknown as PersistentVolumeClaim | undefined;
    const volume = volumes.peek(undefined, claim?.spec?.volumeName ?? '')?.object as unknown as PersistentVolume | undefined;
    return volume?.spec?.csi?.driver ?? [];
  });
  return [...(spec.volumes ?? []).flatMap(({ csi }) => csi?.driver ?? []), ...claimed];
}

const driverAudiences = (name: string, { drivers }: NodeRequest['tools']): Set<string> =>
  new Set(((drivers.peek(undefined, name)?.object as unknown as CSIDriver | undefined)?.spec.tokenRequests ?? []).map(({ audience }) => audience));
