// The secrets that the pods of a service account may refer to, where the account says that it enforces them.
// Mirrors https://kubernetes.io/docs/concepts/security/service-accounts/#enforce-mountable-secrets
import type { Container, Pod, ServiceAccount } from '@steersman/api';

type PodSpec = NonNullable<Pod['spec']>;

const enforceAnnotation = 'kubernetes.io/enforce-mountable-secrets';

/** Why a pod may not run as the account; undefined where it may. */
export function secretsProblem(spec: PodSpec, account: ServiceAccount): string | undefined {
  if (account.metadata.annotations?.[enforceAnnotation] !== 'true') return undefined;
  const mountable = new Set((account.secrets ?? []).map(({ name }) => name));
  const pullable = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
  const refused = (what: string, secret: string | undefined, kind = 'secret'): string[] =>
    secret && !(kind === 'secret' ? mountable : pullable).has(secret)
      ? [`${what}${JSON.stringify(secret)} is not allowed because service account ${account.metadata.name} does not reference that ${kind}`]
      : [];
  const ofContainers = (kind: string, containers: readonly Container[] = []): string[] =>
    containers.flatMap(({ name, env = [], envFrom = [] }) => [
      ...env.flatMap((one) => refused(`${kind} ${name} with envVar ${one.name} referencing secret.secretName=`, one.valueFrom?.secretKeyRef?.name)),
      ...envFrom.flatMap(({ secretRef }) => refused(`${kind} ${name} with envFrom referencing secret.secretName=`, secretRef?.name)),
    ]);
  const problems = [
    ...(spec.volumes ?? []).flatMap(({ secret }) => refused('volume with secret.secretName=', secret?.secretName)),
    ...ofContainers('init container', spec.initContainers),
    ...ofContainers('container', spec.containers),
    ...ofContainers('ephemeral container', spec.ephemeralContainers),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, index) => refused(`imagePullSecrets[${index}].name=`, name, 'imagePullSecret')),
  ];
  return problems[0];
}
