// CertificateSubjectRestriction: nobody asks the signer of API clients to be made a member of system:masters.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificatesubjectrestriction
import { type CertificateSigningRequest, forbidden } from '@steersman/api';
import { parseSigningRequest } from '@steersman/component-base';
import { mastersGroup } from '../authn/user.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

const apiClientSigner = 'kubernetes.io/kube-apiserver-client';

export class CertificateSubjectRestriction implements AdmissionPlugin {
  readonly name = 'CertificateSubjectRestriction';

  validate(request: AdmissionRequest): void {
    if (request.operation !== 'CREATE' || !concerns(request, 'certificates.k8s.io', 'certificatesigningrequests')) return;
    const { spec, metadata } = request.object as unknown as CertificateSigningRequest;
    if (spec.signerName !== apiClientSigner) return;
    const refuse = (why: string): Error => forbidden(request.resource.groupResource, metadata.name ?? '', why);
    if (organizationsOf(spec.request, refuse).includes(mastersGroup))
      throw refuse(`use of ${apiClientSigner} signer with ${mastersGroup} group is not allowed`);
  }
}

function organizationsOf(base64: string, refuse: (why: string) => Error): readonly string[] {
  try {
    return parseSigningRequest(Buffer.from(base64, 'base64').toString()).subject.organizations ?? [];
  } catch (cause) {
    throw refuse(`failed to parse CSR: ${(cause as Error).message}`);
  }
}
