// Begins the record of every request that the audit policy wants recorded.
import type { Random } from '@steersman/api';
import type { ResourcePath } from '@steersman/client';
import { reviewedUser, type UserInfo } from '../authn/user.js';
import { ownNamespace } from '../request/request-info.js';
import type { ObjectReference } from './audit-event.js';
import { type AuditedRequest, type AuditPolicy, scopeOf } from './audit-policy.js';
import { AuditRecord, type RecordTools } from './audit-record.js';

export interface AuditorOptions extends RecordTools {
  readonly policy: AuditPolicy;
  readonly random: Random;
}

/** A request as it comes in, whatever carries it. */
export interface IncomingRequest extends AuditedRequest {
  /** Chosen anew where the client named none. */
  readonly id?: string;
  readonly uri: string;
  readonly userAgent?: string;
  readonly sourceIPs?: readonly string[];
}

export class Auditor {
  constructor(private readonly options: AuditorOptions) {}

  /** The record of a request, with its first stage; undefined where the policy wants none. */
  begin(request: IncomingRequest & { readonly user: UserInfo }): AuditRecord | undefined {
    const record = this.recordOf(request);
    record?.receivedRequest();
    return record;
  }

  /** Records a request of somebody who could not be identified: it has but its answer. */
  refused(request: IncomingRequest, { code, message }: { readonly code: number; readonly message: string }): void {
    const record = this.recordOf(request);
    record?.answered({ code, message });
    record?.startedResponse(code);
  }

  private recordOf(asked: IncomingRequest): AuditRecord | undefined {
    const { policy, random } = this.options;
    const request = { ...asked, ...(asked.resource && { resource: ownNamespace(asked.resource) }) };
    const scope = scopeOf(policy, request);
    if (scope.level === 'None') return undefined;
    const { id, uri, verb, user, userAgent, sourceIPs, resource } = request;
    const received = {
      auditID: id ?? random.uid(),
      requestURI: uri,
      verb,
      user: user ? reviewedUser(user) : {},
      ...(sourceIPs?.length && { sourceIPs }),
      ...(userAgent && { userAgent }),
      ...(resource && { objectRef: referenceOf(resource) }),
    };
    return new AuditRecord(received, scope, this.options);
  }
}

const referenceOf = ({ group, version, resource, namespace, name, subresource }: ResourcePath): ObjectReference => ({
  resource,
  ...(namespace && { namespace }),
  ...(name && { name }),
  ...(group && { apiGroup: group }),
  apiVersion: version,
  ...(subresource && { subresource }),
});
