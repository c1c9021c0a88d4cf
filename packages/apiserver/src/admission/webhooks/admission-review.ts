// AdmissionReview: what a webhook is told of a request, and what it answers.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response
import type { Status } from '@steersman/api';
import { reviewedUser } from '../../authn/user.js';
import { nameOf } from '../policies/admission-variables.js';
import { type MatchedRequest, requestKind } from '../policies/request-matching.js';

const reviewVersions = ['v1', 'v1beta1'];

export interface ReviewIdentity {
  readonly uid: string;
  readonly apiVersion: string;
}

export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly result?: Partial<Status>;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
  /** A JSON patch, parsed. */
  readonly patch?: unknown;
}

/** The webhook did not answer as it has to. */
export class InvalidAnswer extends Error {
  override readonly name = 'InvalidAnswer';
}

/** The version of reviews to speak with a webhook. */
export function reviewVersion(versions: readonly string[]): string {
  const version = versions.find((one) => reviewVersions.includes(one));
  if (!version) throw new InvalidAnswer('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
  return `admission.k8s.io/${version}`;
}

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions', CONNECT: undefined } as const;

export function admissionReview({ request, kind, resource, object, old }: MatchedRequest, { uid, apiVersion }: ReviewIdentity): object {
  const { user, subresource, operation, dryRun, namespace } = request;
  const { group, version, resource: plural } = request.resource.definition.info;
  const name = nameOf(request);
  const options = optionKinds[operation];
  return {
    kind: 'AdmissionReview',
    apiVersion,
    request: {
      uid,
      kind,
      resource,
      ...(subresource && { subResource: subresource }),
      requestKind: requestKind(request),
      requestResource: { group, version, resource: plural },
      ...(subresource && { requestSubResource: subresource }),
      ...(name && { name }),
      ...(namespace && { namespace }),
      operation,
      userInfo: reviewedUser(user),
      object: object ?? null,
      oldObject: old ?? null,
      dryRun,
      options: options ? { kind: options, apiVersion: 'meta.k8s.io/v1', ...(dryRun && { dryRun: ['All'] }) } : null,
    },
  };
}

interface Review {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly response?: {
    readonly uid?: string;
    readonly allowed?: boolean;
    readonly status?: Partial<Status>;
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: Readonly<Record<string, string>>;
    readonly patch?: string;
    readonly patchType?: string;
  };
}

/** Reads an answer; throws InvalidAnswer. */
export function answerOf(given: unknown, { uid, apiVersion }: ReviewIdentity, { mutating }: { mutating: boolean }): ReviewAnswer {
  const review = (typeof given === 'object' && given !== null ? given : {}) as Review;
  const { response } = review;
  if (!response) throw new InvalidAnswer('webhook response was absent');
  if (apiVersion.endsWith('/v1')) {
    if (response.uid !== uid) throw new InvalidAnswer(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
    if (review.apiVersion !== apiVersion || review.kind !== 'AdmissionReview')
      throw new InvalidAnswer(
        `expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${review.apiVersion ?? ''}, Kind=${review.kind ?? ''}`,
      );
    checkPatch(response, mutating);
  }
  return {
    allowed: response.allowed ?? false,
    warnings: response.warnings ?? [],
    auditAnnotations: response.auditAnnotations ?? {},
    ...(response.status && { result: response.status }),
    ...(mutating && response.patch && { patch: parsedPatch(response.patch) }),
  };
}

function checkPatch({ patch, patchType }: NonNullable<Review['response']>, mutating: boolean): void {
  if (!mutating) {
    if (patch) throw new InvalidAnswer('validating webhook may not return response.patch');
    if (patchType !== undefined) throw new InvalidAnswer('validating webhook may not return response.patchType');
    return;
  }
  if (patch && patchType === undefined) throw new InvalidAnswer('webhook returned response.patch but not response.patchType');
  if (!patch && patchType !== undefined) throw new InvalidAnswer('webhook returned response.patchType but not response.patch');
  if (patch && patchType !== 'JSONPatch') throw new InvalidAnswer(`unsupported patch type ${JSON.stringify(patchType)}`);
}

function parsedPatch(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString());
  } catch (cause) {
    throw new InvalidAnswer(`received undecodable patch in webhook response: ${(cause as Error).message}`, { cause });
  }
}
