// The admission plugins of the server. A new one is added here and nowhere else.
import type { Random } from '@steersman/api';
import type { Authorizer } from '../authz/authorizer.js';
import type { RbacAuthorizer } from '../authz/rbac-authorizer.js';
import type { Registry } from '../registry/registry.js';
import { AdmissionChain } from './admission.js';
import { CertificateApproval } from './certificate-approval.js';
import { CertificateSigning } from './certificate-signing.js';
import { CertificateSubjectRestriction } from './certificate-subject-restriction.js';
import { DefaultIngressClass } from './default-ingress-class.js';
import { DefaultStorageClass } from './default-storage-class.js';
import { DefaultTolerationSeconds } from './default-toleration-seconds.js';
import { LimitRanger } from './limit-ranger.js';
import { NamespaceLifecycle } from './namespace-lifecycle.js';
import { NodeRestriction } from './nodes/node-restriction.js';
import { PersistentVolumeClaimResize } from './persistent-volume-claim-resize.js';
import { PodSecurity } from './pod-security/pod-security.js';
import { ValidatingAdmissionPolicies } from './policies/validating-admission-policy.js';
import { Priority } from './priority.js';
import { RbacEscalation } from './rbac-escalation.js';
import { ResourceQuotaAdmission } from './resource-quota.js';
import { RuntimeClassAdmission } from './runtime-class.js';
import { ServiceAccountAdmission } from './service-account.js';
import { StorageObjectInUseProtection } from './storage-object-in-use-protection.js';
import { TaintNodesByCondition } from './taint-nodes-by-condition.js';
import { MutatingWebhooks } from './webhooks/mutating-webhooks.js';
import { ValidatingWebhooks } from './webhooks/validating-webhooks.js';
import type { WebhookTools } from './webhooks/webhook-caller.js';

/** The plugins, in upstream's order. */
export function builtinAdmission(
  registry: Registry,
  { random, rbac, authorizer, webhooks }: { random: Random; rbac: RbacAuthorizer; authorizer: Authorizer; webhooks: WebhookTools },
): AdmissionChain {
  const namespaces = registry.stored('', 'namespaces');
  return new AdmissionChain([
    new NamespaceLifecycle({ cache: namespaces.cache, refresh: () => namespaces.feed.caughtUp() }),
    new NodeRestriction({
      pods: registry.stored('', 'pods'),
      claims: registry.stored('', 'persistentvolumeclaims'),
      volumes: registry.stored('', 'persistentvolumes'),
      drivers: registry.stored('storage.k8s.io', 'csidrivers'),
      authorizer,
    }),
    new LimitRanger(registry.stored('', 'limitranges')),
    new ServiceAccountAdmission(registry.stored('', 'serviceaccounts'), random),
    new TaintNodesByCondition(),
    new PodSecurity(namespaces, registry.stored('', 'pods')),
    new Priority(registry.stored('scheduling.k8s.io', 'priorityclasses')),
    new DefaultTolerationSeconds(),
    new DefaultStorageClass(registry.stored('storage.k8s.io', 'storageclasses')),
    new StorageObjectInUseProtection(),
    new PersistentVolumeClaimResize(registry.stored('storage.k8s.io', 'storageclasses')),
    new RuntimeClassAdmission(registry.stored('node.k8s.io', 'runtimeclasses')),
    new DefaultIngressClass(registry.stored('networking.k8s.io', 'ingressclasses')),
    new RbacEscalation(rbac, authorizer),
    new CertificateApproval(authorizer),
    new CertificateSigning(authorizer),
    new CertificateSubjectRestriction(),
    new MutatingWebhooks(webhooks),
    new ValidatingAdmissionPolicies(registry, authorizer),
    new ValidatingWebhooks(webhooks),
    new ResourceQuotaAdmission(registry.stored('', 'resourcequotas')),
  ]);
}
