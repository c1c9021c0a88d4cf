// The subresources of built-in kinds, by `group/resource/subresource`.
import type { ServiceAccountTokens } from '../authn/service-account-tokens.js';
import { bindingSubresource } from './binding.js';
import { csrApproval } from './csr-approval.js';
import { evictionSubresource } from './eviction.js';
import { namespaceFinalize } from './namespace-finalize.js';
import { ephemeralContainers, podResize } from './pod-spec-parts.js';
import { scaleSubresource } from './scale.js';
import type { Subresource, Subresources } from './subresource.js';
import { tokenSubresource } from './token.js';

export interface SubresourceTools {
  readonly tokens: ServiceAccountTokens;
}

export function builtinSubresources({ tokens }: SubresourceTools): Subresources {
  return new Map<string, Subresource>([
    ['/pods/binding', bindingSubresource],
    // Bindings are a resource of their own, too: of the pod that they name.
    ['/bindings/', bindingSubresource],
    ['/pods/eviction', evictionSubresource],
    ['/pods/ephemeralcontainers', ephemeralContainers],
    ['/pods/resize', podResize],
    ['/serviceaccounts/token', tokenSubresource(tokens)],
    ['/namespaces/finalize', namespaceFinalize],
    ['/replicationcontrollers/scale', scaleSubresource],
    ['apps/deployments/scale', scaleSubresource],
    ['apps/replicasets/scale', scaleSubresource],
    ['apps/statefulsets/scale', scaleSubresource],
    ['certificates.k8s.io/certificatesigningrequests/approval', csrApproval],
  ]);
}
