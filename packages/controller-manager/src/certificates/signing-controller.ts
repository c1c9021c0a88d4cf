// Certificate signing requests: those of nodes for themselves are approved, approved ones are signed, old ones are removed.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
import { type CertificateSigningRequest, type Clock, conditionOf, fromTime, ignoreNotFound, type Random, toTime } from '@steersman/api';
import type { Client } from '@steersman/client';
import { type KeyPair, parseSigningRequest, type SigningRequest, signRequest } from '@steersman/component-base';
import { type Controller, done, type Result } from '../runtime/controller.js';

export interface SigningTools {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly signer: KeyPair;
}

const apiClient = 'kubernetes.io/kube-apiserver-client';
const kubeletClient = 'kubernetes.io/kube-apiserver-client-kubelet';
const kubeletServing = 'kubernetes.io/kubelet-serving';
const legacyUnknown = 'kubernetes.io/legacy-unknown';

const defaultSeconds = 365 * 24 * 3600;
const hourMs = 3600 * 1000;
/** How long requests are kept: those decided, and those never decided. */
const keptMs = { approved: hourMs, denied: hourMs, pending: 24 * hourMs };

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((one) => b.includes(one));

/** Why a signer refuses a request; undefined where it signs. */
function refusal(signerName: string, { subject, dnsNames, addresses, emails, uris }: SigningRequest, usages: readonly string[]): string | undefined {
  const isNode = subject.commonName.startsWith('system:node:') && sameSet(subject.organizations ?? [], ['system:nodes']);
  const allowed =
    signerName === kubeletServing
      ? [
          ['key encipherment', 'digital signature', 'server auth'],
          ['digital signature', 'server auth'],
        ]
      : [
          ['key encipherment', 'digital signature', 'client auth'],
          ['digital signature', 'client auth'],
        ];
  if (signerName === apiClient)
    return usages.includes('client auth') && usages.every((usage) => ['digital signature', 'key encipherment', 'client auth'].includes(usage))
      ? undefined
      : 'invalid usage for client certificate';
  if (signerName === legacyUnknown) return undefined;
  if (!isNode)
    return sameSet(subject.organizations ?? [], ['system:nodes'])
      ? 'subject common name does not begin with system:node: '
      : 'subject organization is not system:nodes';
  if (!allowed.some((set) => sameSet(set, usages)))
    return signerName === kubeletServing ? 'usages did not match serving' : 'usages did not match client auth';
  if (signerName === kubeletClient && dnsNames.length + addresses.length + emails.length + uris.length > 0)
    return 'DNS subjectAltNames are not allowed';
  if (signerName === kubeletServing && dnsNames.length + addresses.length === 0) return 'DNS or IP subjectAltName is required';
  return undefined;
}

export class CertificateSigningController implements Controller<'CertificateSigningRequest'> {
  readonly name = 'certificate-signing';
  readonly watches = 'CertificateSigningRequest';

  constructor(private readonly tools: SigningTools) {}

  async reconcile(request: CertificateSigningRequest): Promise<Result> {
    const { status, spec } = request;
    const remove = await this.removeOld(request);
    if (remove !== undefined) return remove;
    const denied = conditionOf(status?.conditions, 'Denied') ?? conditionOf(status?.conditions, 'Failed');
    if (denied || status?.certificate) return this.later(request);
    if (!conditionOf(status?.conditions, 'Approved')) {
      await this.approveOwn(request);
      return this.later(request);
    }
    if ([apiClient, kubeletClient, kubeletServing].includes(spec.signerName)) await this.sign(request);
    return this.later(request);
  }

  private pem({ spec }: CertificateSigningRequest): string {
    return Buffer.from(spec.request, 'base64').toString();
  }

  private async sign(request: CertificateSigningRequest): Promise<void> {
    const { client, clock, signer } = this.tools;
    const { signerName, usages = [], expirationSeconds } = request.spec;
    const why = refusal(signerName, parseSigningRequest(this.pem(request)), usages);
    if (why) {
      const now = toTime(clock.now());
      const failed = {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message: why,
        lastUpdateTime: now,
        lastTransitionTime: now,
      };
      await client.updateStatus<CertificateSigningRequest>(request, {
        ...request.status,
        conditions: [...(request.status?.conditions ?? []), failed],
      });
      return;
    }
    const server = signerName === kubeletServing;
    const certificate = await signRequest(
      signer,
      this.pem(request),
      { usages: [server ? 'server' : 'client'], seconds: Math.max(600, expirationSeconds ?? defaultSeconds) },
      this.tools,
    );
    await client.updateStatus<CertificateSigningRequest>(request, { ...request.status, certificate: Buffer.from(certificate).toString('base64') });
  }

  /** A node may have a client certificate for itself; who may ask is decided by roles. */
  private async approveOwn(request: CertificateSigningRequest): Promise<void> {
    const { spec } = request;
    if (spec.signerName !== kubeletClient || refusal(spec.signerName, parseSigningRequest(this.pem(request)), spec.usages ?? [])) return;
    const own = parseSigningRequest(this.pem(request)).subject.commonName === spec.username;
    const review = await this.tools.client.create({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec: {
        user: spec.username,
        groups: spec.groups,
        resourceAttributes: {
          group: 'certificates.k8s.io',
          resource: 'certificatesigningrequests',
          verb: 'create',
          subresource: own ? 'selfnodeclient' : 'nodeclient',
          version: '*',
        },
      },
    } as never);
    if (!(review as { status?: { allowed?: boolean } }).status?.allowed) return;
    const message = own
      ? 'Auto approving self kubelet client certificate after SubjectAccessReview.'
      : 'Auto approving kubelet client certificate after SubjectAccessReview.';
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
    await this.tools.client.updateSubresource('CertificateSigningRequest', { name: request.metadata.name ?? '' }, 'approval', {
      ...request,
      status: { ...request.status, conditions: [...(request.status?.conditions ?? []), approved] },
    });
  }

  private dueMs({ status, metadata }: CertificateSigningRequest): number {
    const decided =
      conditionOf(status?.conditions, 'Denied') ?? conditionOf(status?.conditions, 'Failed') ?? conditionOf(status?.conditions, 'Approved');
    if (!decided) return fromTime(metadata.creationTimestamp) + keptMs.pending;
    return (
      (fromTime(decided.lastUpdateTime) || fromTime(metadata.creationTimestamp)) + (decided.type === 'Approved' ? keptMs.approved : keptMs.denied)
    );
  }

  private async removeOld(request: CertificateSigningRequest): Promise<Result | undefined> {
    if (this.dueMs(request) > this.tools.clock.now()) return undefined;
    await this.tools.client.delete('CertificateSigningRequest', { name: request.metadata.name ?? '' }).catch(ignoreNotFound);
    return done;
  }

  private later(request: CertificateSigningRequest): Result {
    return { requeueAfterMs: Math.max(1000, this.dueMs(request) - this.tools.clock.now()) };
  }
}
