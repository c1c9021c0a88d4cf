// certificatesigningrequests/approval: approvals and denials, by those who may approve for the signer.
import { type CertificateSigningRequest, clone, setCondition } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { trackFields } from '../handler/field-tracking.js';
import type { Answer } from '../handler/handler-tools.js';
import { answerWith } from '../handler/handler-tools.js';
import { patchedObject } from '../handler/patch.js';
import { type Subresource, type SubresourceRequest, trackedWrite } from './subresource.js';

async function approve({ target, path, context, options, tools }: SubresourceRequest, next: (current: ApiObject) => ApiObject): Promise<Answer> {
  const dryRun = options.dryRun ?? false;
  const base = {
    operation: 'UPDATE' as const,
    resource: target.stored,
    subresource: 'approval',
    name: path.name ?? '',
    user: context.user,
    context,
    dryRun,
  };
  const { object } = await target.stored.update(
    undefined,
    path.name ?? '',
    async (current) => {
      const decided = withDecisions(next(current!), current!, tools.clock.now());
      await tools.admission.mutate({ ...base, object: decided, old: current! });
      return decided;
    },
    { context, dryRun, part: 'status', check: (final, old) => tools.admission.validate({ ...base, object: final, ...(old && { old }) }) },
  );
  return answerWith(200, target, object);
}

/** The request with the conditions that were decided on, stamped; nothing else of its status changes here. */
function withDecisions(next: ApiObject, current: ApiObject, nowMs: number): ApiObject {
  const given = next as unknown as CertificateSigningRequest;
  const old = current as unknown as CertificateSigningRequest;
  const wanted = given.status?.conditions ?? [];
  let conditions = old.status?.conditions?.filter(({ type }) => wanted.some((condition) => condition.type === type));
  for (const condition of wanted) conditions = [...setCondition(conditions, condition, nowMs)];
  const stamped = conditions?.map((condition) => ({
    ...condition,
    lastUpdateTime: condition.lastUpdateTime ?? condition.lastTransitionTime ?? '',
  }));
  return { ...given, status: { ...old.status, ...(stamped && { conditions: stamped }) } } as unknown as ApiObject;
}

export const csrApproval: Subresource = {
  async get({ target, path }) {
    return answerWith(200, target, await target.stored.get(undefined, path.name ?? ''));
  },
  update: (request) => {
    const given = decodeBody(request.body, request.target.served.definition, request);
    return approve(request, (current) => {
      const wanted = clone(given);
      trackFields(trackedWrite(request), current, wanted);
      return wanted;
    });
  },
  patch: (request) => approve(request, (current) => patchedObject(trackedWrite(request), current, request)),
};
