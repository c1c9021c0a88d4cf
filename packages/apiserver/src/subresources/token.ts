// TokenRequest: a token for a service account, bound to its account and, if asked for, to a pod, secret or node.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
import { badRequest, field, invalidObject, notFound, type Pod, StatusError, schemaOf, type TokenRequest, toTime } from '@steersman/api';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.js';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { decodeKind } from '../registry/builtin-codec.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import type { Subresource, SubresourceRequest } from './subresource.js';

const schema = schemaOf('authentication.k8s.io/v1', 'TokenRequest');
const definition = {
  info: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  codec: {
    decode: (value: unknown) => ({ object: decodeKind({ kind: 'TokenRequest', version: 'v1' }, schema!, value), problems: [] }),
    applyDefaults() {},
  },
} as unknown as ResourceDefinition;

const defaultSeconds = 3600;
const minSeconds = 600;
/** Pods' own tokens outlive their nominal hour, so that old clients that never reload keep working; upstream warns after it. */
const podTokenSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

interface Bound {
  readonly name: string;
  readonly uid: string;
}

export function tokenSubresource(tokens: ServiceAccountTokens): Subresource {
  return {
    async create(request) {
      const { target, path, context, options, tools } = request;
      const given = decodeBody(request.body, definition, { context, options }) as unknown as TokenRequest;
      const account = (await target.stored.get(path.namespace, path.name ?? '')).object;
      const spec = { ...given.spec };
      if (!spec.audiences?.length) spec.audiences = [...tokens.audiences];
      spec.expirationSeconds ??= defaultSeconds;
      validate(spec.expirationSeconds, given.metadata?.name ?? '');
      if (given.metadata?.name && given.metadata.name !== path.name)
        throw invalidObject(definition.info, path.name ?? '', [
          field.invalid('metadata.name', given.metadata.name, 'must match the service account name if specified'),
        ]);
      await tools.admission.validate({
        operation: 'CREATE',
        resource: target.stored,
        subresource: 'token',
        user: context.user,
        context,
        dryRun: options.dryRun ?? false,
        object: given as unknown as ApiObject,
        ...(path.namespace && { namespace: path.namespace }),
        ...(path.name && { name: path.name }),
      });
      const bound = await boundClaims(request, spec.boundObjectRef);
      const { maxTokenSeconds = Number.POSITIVE_INFINITY, extendTokens = true } = tokens.settings;
      spec.expirationSeconds = Math.min(spec.expirationSeconds, maxTokenSeconds);
      const extended =
        extendTokens &&
        spec.boundObjectRef?.kind === 'Pod' &&
        spec.expirationSeconds === podTokenSeconds &&
        spec.audiences.every((audience) => tokens.audiences.includes(audience));
      const nowSeconds = Math.floor(tools.clock.now() / 1000);
      const { token, id } = await tokens.issue({
        audiences: spec.audiences,
        expirationSeconds: extended ? extendedSeconds : spec.expirationSeconds,
        claims: {
          namespace: path.namespace ?? '',
          serviceaccount: { name: account.metadata.name ?? '', uid: account.metadata.uid ?? '' },
          ...bound,
          ...(extended && { warnafter: nowSeconds + spec.expirationSeconds }),
        },
      });
      context.audit?.annotate('authentication.kubernetes.io/issued-credential-id', `JTI=${id}`);
      const status = { token, expirationTimestamp: toTime((nowSeconds + spec.expirationSeconds) * 1000) };
      const metadata = {
        name: account.metadata.name ?? '',
        namespace: path.namespace ?? '',
        uid: tools.random.uid(),
        creationTimestamp: toTime(tools.clock.now()),
      };
      return {
        code: 201,
        object: {
          kind: 'TokenRequest',
          apiVersion: 'authentication.k8s.io/v1',
          metadata,
          spec: { boundObjectRef: null, ...spec },
          status,
        } as unknown as ApiObject,
      };
    },
  };
}

function validate(seconds: number, name: string): void {
  const where = 'spec.expirationSeconds';
  const errors =
    seconds < minSeconds
      ? [field.invalid(where, seconds, 'may not specify a duration less than 10 minutes')]
      : seconds > 2 ** 32
        ? [field.invalid(where, seconds, 'may not specify a duration larger than 2^32 seconds')]
        : [];
  if (errors.length) throw invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, errors);
}

/** By kind: whatever version a core kind is named in, it is the same. */
const boundKinds: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

/** The claims for the object that the token is bound to; throws where there is no such object. */
async function boundClaims(
  { tools, path }: SubresourceRequest,
  reference: TokenRequest['spec']['boundObjectRef'],
): Promise<{ pod?: Bound; secret?: Bound; node?: Bound }> {
  if (!reference) return {};
  const { kind = '', apiVersion = '', name = '', uid } = reference;
  const resource = apiVersion.includes('/') ? undefined : boundKinds[kind];
  if (!resource) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const objects = tools.registry.stored('', resource);
  await objects.feed.caughtUp();
  const namespace = resource === 'nodes' ? undefined : path.namespace;
  const found = objects.peek(namespace, name)?.object;
  if (!found) throw notFound({ group: '', resource }, name);
  if (uid && uid !== found.metadata.uid)
    throw new StatusError({
      code: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on ${kind} "${name}": the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      details: { name, kind },
    });
  const bound = { name, uid: found.metadata.uid ?? '' };
  if (resource === 'secrets') return { secret: bound };
  if (resource === 'nodes') return { node: bound };
  const pod = found as unknown as Pod;
  if (pod.spec?.serviceAccountName !== path.name)
    throw badRequest(`cannot bind token for serviceaccount "${path.name}" to pod running with different serviceaccount name.`);
  const node = pod.spec?.nodeName ? tools.registry.stored('', 'nodes').peek(undefined, pod.spec.nodeName)?.object : undefined;
  return { pod: bound, ...(pod.spec?.nodeName && { node: { name: pod.spec.nodeName, uid: node?.metadata.uid ?? '' } }) };
}
