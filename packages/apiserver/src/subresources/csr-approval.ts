// certificatesigningrequests/approval: approvals and denials, by those who may approve for the signer.
import { type CertificateSigningRequest, clone, forbidden, setCondition } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { trackFields } from '../handler/field-tracking.js';
import type { Answer } from '../handler/handler-tools.js';
import { answerWith } from '../handler/handler-tools.js';
import { patchedObject } from '../handler/patch.js';
import { type Subresource, type SubresourceRequest, trackedWrite } from './subresource.js';

async function approve({ target, path, context, options, tools }: SubresourceRequest, next: (current: ApiObject) => ApiObject): Promise<Answer> {
  const { object } = await target.stored.update(
    undefined,
    path.name ?? '',
    async (current) => {
      const given = next(current!) as unknown as CertificateSigningRequest;
      const old = current as unknown as CertificateSigningRequest;
      const nowMs = tools.clock.now();
      const wanted = given.status?.conditions ?? [];
      let conditions = old.status?.conditions?.filter(({ type }) => wanted.some((condition) => condition.type === type));
      for (const condition of wanted) conditions = [...setCondition(conditions, condition, nowMs)];
      const stamped = conditions?.map((condition) => ({
        ...condition,
        lastUpdateTime: condition.lastUpdateTime ?? condition.lastTransitionTime ?? '',
      }));
      return { ...given, status: { ...old.status, ...(stamped && { conditions: stamped }) } } as unknown as ApiObject;
    },
    {
      context,
      dryRun: options.dryRun ?? false,
      part: 'status',
      check: async (object) => {
        const { signerName } = (object as unknown as CertificateSigningRequest).spec;
        const domain = signerName.split('/')[0];
        const may = [signerName, `${domain}/*`].some(
          (name) =>
            tools.authorizer.authorize({ user: context.user, verb: 'approve', group: 'certificates.k8s.io', version: '*', resource: 'signers', name })
              .allowed,
        );
        if (!may)
          throw forbidden(
            { group: 'certificates.k8s.io', resource: 'certificatesigningrequests' },
            path.name ?? '',
            `user not permitted to approve requests with signerName "${signerName}"`,
          );
      },
    },
  );
  return answerWith(200, target, object);
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
