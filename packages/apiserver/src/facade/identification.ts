// Who makes a request over HTTPS, as whom it acts, and what the audit log gets of it.
import type { IncomingMessage } from 'node:http';
import type { Random } from '@steersman/api';
import type { AuditRecord } from '../audit/audit-record.js';
import type { Auditor, IncomingRequest } from '../audit/auditor.js';
import type { Authentication } from '../authn/authentication.js';
import type { Credentials } from '../authn/authenticator.js';
import { asksForAnother, impersonated } from '../authn/impersonation.js';
import type { UserInfo } from '../authn/user.js';
import type { Attributes, Authorizer } from '../authz/authorizer.js';
import { selectedPath } from '../handler/handler-tools.js';
import { createContext, type RequestContext } from '../request/request-context.js';
import { isOfCollection, ownNamespace, type RequestInfo } from '../request/request-info.js';
import type { ClientCertificates } from './client-certificates.js';
import { credentialsOf, dropCredentials, dropIdentity } from './credentials.js';

export interface IdentificationOptions {
  readonly authentication: Authentication;
  readonly certificates: ClientCertificates;
  readonly authorizer: Authorizer;
  readonly auditor: Auditor | undefined;
  readonly random: Random;
}

export class Identification {
  constructor(private readonly options: IdentificationOptions) {}

  /** The name of a request in the audit log: the client's own, or a new one. */
  idOf({ headers }: IncomingMessage): string {
    const given = headers['audit-id'];
    return (typeof given === 'string' && given) || this.options.random.uid();
  }

  /** `began` is told of the audit record before anything else can fail. Throws 401, and 403 where the user may not act as asked. */
  async identify(
    request: IncomingMessage,
    { id, info, began }: { readonly id: string; readonly info: RequestInfo; began(audit: AuditRecord): void },
  ): Promise<RequestContext> {
    const { authorizer, auditor } = this.options;
    const credentials = credentialsOf(request, this.options.certificates);
    let user: UserInfo;
    try {
      user = await this.options.authentication.identify(credentials, info.path);
    } catch (error) {
      auditor?.refused(incoming(request, { id, info }), { code: 401, message: attempts(request, credentials) });
      throw error;
    } finally {
      dropCredentials(request);
    }
    const userAgent = request.headers['user-agent'] ?? '';
    const audit = auditor?.begin({ ...incoming(request, { id, info }), user });
    if (audit) began(audit);
    const acting = asksForAnother(request.headers) ? await impersonated(request.headersDistinct, user, authorizer) : user;
    if (acting !== user) audit?.impersonated(acting);
    dropIdentity(request);
    const context = createContext(acting, { userAgent, audit });
    await authorizer.prepare?.(attributesOf(acting, info));
    return context;
  }
}

/** What the request is about, for those whose decision takes time. */
function attributesOf(user: UserInfo, { verb, path, resource, query }: RequestInfo): Attributes {
  if (!resource) return { user, verb, path };
  const selector = query.get('fieldSelector');
  const fieldSelector = isOfCollection(verb) && selector ? selector : undefined;
  return { user, verb, ...ownNamespace(selectedPath(resource, fieldSelector)), ...(fieldSelector && { fieldSelector }) };
}

const incoming = (request: IncomingMessage, { id, info }: { id: string; info: RequestInfo }): IncomingRequest => ({
  id,
  verb: info.verb,
  path: info.path,
  uri: request.url ?? '/',
  sourceIPs: sourcesOf(request),
  ...(request.headers['user-agent'] && { userAgent: request.headers['user-agent'] }),
  ...(info.resource && { resource: info.resource }),
});

/** Where a request comes from, as those who passed it on say; last the connection's other end. */
function sourcesOf({ headers, socket }: IncomingMessage): string[] {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().flatMap((one) => one.split(',').map((address) => address.trim()));
  const real = [headers['x-real-ip'] ?? []].flat();
  const other = socket.remoteAddress?.replace(/^::ffff:/, '');
  return [...new Set([...forwarded, ...real, ...(other ? [other] : [])].filter(Boolean))];
}

function attempts({ headers }: IncomingMessage, { bearerToken, certificate, certificateProblem }: Credentials): string {
  const methods = [
    ...(/^basic /i.test(headers.authorization ?? '') ? ['basic'] : []),
    ...(bearerToken === undefined ? [] : ['bearer']),
    ...(certificate || certificateProblem !== undefined ? ['x509'] : []),
  ];
  return methods.length ? `Authentication failed, attempted: ${methods.join(', ')}` : 'Authentication failed, no credentials provided';
}
