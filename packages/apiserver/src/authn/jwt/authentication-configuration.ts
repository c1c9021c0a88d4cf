// The file of --authentication-config: issuers of tokens, and who may come without any.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import { type FieldError, field } from '@steersman/api';
import { parseConfiguration, refuseInvalid, unknownFields } from '../../configuration/configuration-file.js';
import type { AnonymousAccess } from '../authentication.js';
import { type ExpressionType, expressionProblem } from './claim-expressions.js';
import type { ClaimRule, JwtIssuer, PrefixedClaim } from './jwt-issuer.js';

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtIssuer[];
  readonly anonymous?: AnonymousAccess;
}

interface Written {
  readonly jwt?: readonly JwtIssuer[];
  readonly anonymous?: { readonly enabled?: boolean; readonly conditions?: readonly { readonly path?: string }[] };
}

/** Throws one line that names the file. `ownIssuer` is that of service accounts, which no other may claim to be. */
export function parseAuthenticationConfiguration(text: string, file: string, ownIssuer: string): AuthenticationConfiguration {
  const kind = { group: 'apiserver.config.k8s.io', versions: ['v1', 'v1beta1'], kind: 'AuthenticationConfiguration' };
  const written = parseConfiguration<Written>(text, file, kind);
  const { jwt = [], anonymous } = written;
  refuseInvalid(file, [
    ...unknownFields(written, ['apiVersion', 'kind', 'jwt', 'anonymous'], ''),
    ...jwt.flatMap((issuer, index) => issuerErrors(issuer, `jwt[${index}]`, ownIssuer)),
    ...duplicateErrors(jwt),
    ...anonymousErrors(anonymous),
  ]);
  const paths = anonymous?.conditions?.map(({ path = '' }) => path);
  return { jwt, ...(anonymous && { anonymous: { enabled: anonymous.enabled ?? false, ...(paths?.length && { paths }) } }) };
}

export function issuerErrors(jwt: JwtIssuer, path: string, ownIssuer: string): FieldError[] {
  const { issuer, claimMappings, claimValidationRules = [], userValidationRules = [] } = jwt;
  return [
    ...unknownFields(jwt, ['issuer', 'claimValidationRules', 'claimMappings', 'userValidationRules'], path),
    ...urlErrors(issuer?.url, `${path}.issuer.url`, ownIssuer),
    ...(issuer?.discoveryURL === undefined ? [] : urlErrors(issuer.discoveryURL, `${path}.issuer.discoveryURL`, ownIssuer)),
    ...(issuer?.audiences?.length ? [] : [field.required(`${path}.issuer.audiences`, 'at least one jwt.issuer.audiences is required')]),
    ...((issuer?.audiences?.length ?? 0) > 1 && issuer.audienceMatchPolicy !== 'MatchAny'
      ? [
          field.invalid(
            `${path}.issuer.audienceMatchPolicy`,
            issuer.audienceMatchPolicy ?? '',
            'audienceMatchPolicy must be MatchAny for multiple audiences',
          ),
        ]
      : []),
    ...claimValidationRules.flatMap((rule, index) => claimRuleErrors(rule, `${path}.claimValidationRules[${index}]`)),
    ...mappingErrors(claimMappings ?? {}, `${path}.claimMappings`),
    ...userValidationRules.flatMap(({ expression = '' }, index) =>
      expressionErrors('user', expression, { path: `${path}.userValidationRules[${index}].expression`, type: 'bool' }),
    ),
    ...verifiedEmailErrors(jwt, path),
  ];
}

function urlErrors(url: string | undefined, path: string, ownIssuer: string): FieldError[] {
  if (!url) return [field.required(path, 'URL is required')];
  if (url === ownIssuer) return [field.invalid(path, url, 'URL must not overlap with disallowed issuers: the issuer of service account tokens')];
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return [field.invalid(path, url, 'URL is malformed')];
  }
  return [
    ...(parsed.protocol === 'https:' ? [] : [field.invalid(path, url, 'URL scheme must be https')]),
    ...(parsed.username || parsed.password ? [field.invalid(path, url, 'URL must not contain a username or password')] : []),
    ...(parsed.search || url.endsWith('?') ? [field.invalid(path, url, 'URL must not contain a query')] : []),
    ...(parsed.hash ? [field.invalid(path, url, 'URL must not contain a fragment')] : []),
  ];
}

function claimRuleErrors({ claim, requiredValue, expression, message }: ClaimRule, path: string): FieldError[] {
  if (claim && expression) return [field.invalid(path, claim, "claim and expression can't both be set")];
  if (!claim && !expression) return [field.required(path, 'claim or expression is required')];
  if (claim) return message ? [field.invalid(`${path}.message`, message, "message can't be set when claim is set")] : [];
  if (requiredValue) return [field.invalid(`${path}.requiredValue`, requiredValue, "requiredValue can't be set when expression is set")];
  return expressionErrors('claims', expression ?? '', { path: `${path}.expression`, type: 'bool' });
}

function mappingErrors({ username = {}, groups, uid, extra = [] }: Partial<JwtIssuer['claimMappings']>, path: string): FieldError[] {
  const keys = extra.map(({ key }) => key);
  return [
    ...(username.claim || username.expression ? [] : [field.required(`${path}.username`, 'claim or expression is required')]),
    ...(username.claim && username.prefix === undefined
      ? [field.required(`${path}.username.prefix`, 'prefix is required when claim is set. It can be set to an empty string to disable prefixing')]
      : []),
    ...prefixedErrors(username, `${path}.username`, 'string'),
    ...(groups ? prefixedErrors(groups, `${path}.groups`, 'texts') : []),
    ...(groups?.claim && groups.prefix === undefined
      ? [field.required(`${path}.groups.prefix`, 'prefix is required when claim is set. It can be set to an empty string to disable prefixing')]
      : []),
    ...(uid ? prefixedErrors(uid, `${path}.uid`, 'string') : []),
    ...extra.flatMap(({ key = '', valueExpression = '' }, index) => [
      ...(key ? [] : [field.required(`${path}.extra[${index}].key`)]),
      ...(key !== key.toLowerCase() ? [field.invalid(`${path}.extra[${index}].key`, key, 'key must be lowercase')] : []),
      ...(key && !/^[^/]+\.?[^/]*\/.+$/.test(key)
        ? [field.invalid(`${path}.extra[${index}].key`, key, 'must be a domain-prefixed path (such as "acme.io/foo")')]
        : []),
      ...(keys.indexOf(key) < index ? [field.duplicate(`${path}.extra[${index}].key`, key)] : []),
      ...expressionErrors('claims', valueExpression, { path: `${path}.extra[${index}].valueExpression`, type: 'texts' }),
    ]),
  ];
}

function prefixedErrors({ claim, prefix, expression }: PrefixedClaim, path: string, type: ExpressionType): FieldError[] {
  if (expression === undefined) return [];
  if (claim) return [field.invalid(path, claim, "claim and expression can't both be set")];
  if (prefix) return [field.invalid(`${path}.prefix`, prefix, "prefix can't be set when expression is set")];
  return expressionErrors('claims', expression, { path: `${path}.expression`, type });
}

function expressionErrors(over: 'claims' | 'user', expression: string, { path, type }: { path: string; type: ExpressionType }): FieldError[] {
  if (!expression) return [field.required(path, 'expression is required')];
  const problem = expressionProblem(over, expression, type);
  return problem ? [field.invalid(path, expression, problem)] : [];
}

const readsVerified = (expression: string | undefined): boolean =>
  /claims\??\.(\??)email_verified|claims\[\??["']email_verified["']\]/.test(expression ?? '');
const readsEmail = (expression: string | undefined): boolean => /claims\.email\b(?!_)|claims\[["']email["']\]/.test(expression ?? '');

/** Who takes an address for a name has to see that the issuer verified it. */
function verifiedEmailErrors({ claimMappings, claimValidationRules = [] }: JwtIssuer, path: string): FieldError[] {
  const expression = claimMappings?.username?.expression;
  const extras = claimMappings?.extra?.map(({ valueExpression }) => valueExpression) ?? [];
  if (!readsEmail(expression) || [expression, ...extras, ...claimValidationRules.map((rule) => rule.expression)].some(readsVerified)) return [];
  return [
    field.invalid(
      `${path}.claimMappings.username.expression`,
      expression ?? '',
      'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression',
    ),
  ];
}

const duplicateErrors = (jwt: readonly JwtIssuer[]): FieldError[] =>
  jwt.flatMap(({ issuer }, index) =>
    issuer?.url && jwt.findIndex((one) => one.issuer?.url === issuer.url) < index ? [field.duplicate(`jwt[${index}].issuer.url`, issuer.url)] : [],
  );

const anonymousErrors = (anonymous: Written['anonymous']): FieldError[] =>
  anonymous && !anonymous.enabled && anonymous.conditions?.length
    ? [field.invalid('anonymous.conditions', anonymous.conditions, 'enabled should be set to true when conditions are defined')]
    : [];
