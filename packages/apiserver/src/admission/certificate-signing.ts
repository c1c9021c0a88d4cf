// CertificateSigning: certificates, and conditions about them, are written into signing requests by those who may sign for their signer.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificatesigning
import { type CertificateSigningRequest, deepEqual, forbidden } from '@steersman/api';
import type { Authorizer } from '../authz/authorizer.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission.js';
import { mayForSigner } from './signer-rights.js';

export class CertificateSigning implements AdmissionPlugin {
  readonly name = 'CertificateSigning';

  constructor(private readonly authorizer: Authorizer) {}

  validate({ resource, subresource, object, old, user, name = '' }: AdmissionRequest): void {
    if (subresource !== 'status' || resource.definition.info.resource !== 'certificatesigningrequests' || !old) return;
    const { status: now } = object as unknown as CertificateSigningRequest;
    const { spec, status: before } = old as unknown as CertificateSigningRequest;
    if (now?.certificate === before?.certificate && deepEqual(now?.conditions ?? [], before?.conditions ?? [])) return;
    if (!mayForSigner(this.authorizer, user, { verb: 'sign', signerName: spec.signerName }))
      throw forbidden(resource.groupResource, name, `user not permitted to sign requests with signerName ${JSON.stringify(spec.signerName)}`);
  }
}
