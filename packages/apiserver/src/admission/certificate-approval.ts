// CertificateApproval: certificate signing requests are approved and denied by those who may approve for their signer.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificateapproval
import { type CertificateSigningRequest, forbidden } from '@steersman/api';
import type { Authorizer } from '../authz/authorizer.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission.js';
import { mayForSigner } from './signer-rights.js';

export class CertificateApproval implements AdmissionPlugin {
  readonly name = 'CertificateApproval';

  constructor(private readonly authorizer: Authorizer) {}

  validate({ resource, subresource, old, user, name = '' }: AdmissionRequest): void {
    if (subresource !== 'approval' || resource.definition.info.resource !== 'certificatesigningrequests' || !old) return;
    const { signerName } = (old as unknown as CertificateSigningRequest).spec;
    if (!mayForSigner(this.authorizer, user, { verb: 'approve', signerName }))
      throw forbidden(resource.groupResource, name, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
  }
}
