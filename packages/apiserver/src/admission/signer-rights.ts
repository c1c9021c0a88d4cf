// Who may approve, sign or attest for a signer: whoever has the verb on `signers` of that name, or of its domain (`example.com/*`).
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
import type { UserInfo } from '../authn/user.js';
import type { Authorizer } from '../authz/authorizer.js';

export function mayForSigner(
  authorizer: Authorizer,
  user: UserInfo,
  { verb, signerName }: { verb: 'approve' | 'sign'; signerName: string },
): boolean {
  const [domain = ''] = signerName.split('/');
  const target = { user, verb, group: 'certificates.k8s.io', version: '*', resource: 'signers' };
  return [signerName, `${domain}/*`].some((name) => authorizer.authorize({ ...target, name }).allowed);
}
