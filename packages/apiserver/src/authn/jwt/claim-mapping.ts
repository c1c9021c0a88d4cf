// From the claims of a token to a user, as its issuer's configuration says; throws where a rule is broken.
import { authenticatedGroup, type UserInfo } from '../user.js';
import { overClaims, overUser } from './claim-expressions.js';
import type { JwtIssuer, PrefixedClaim } from './jwt-issuer.js';

type Claims = Readonly<Record<string, unknown>>;

export function userOfClaims({ claimValidationRules = [], claimMappings, userValidationRules = [] }: JwtIssuer, claims: Claims): UserInfo {
  for (const { claim, requiredValue, expression, message } of claimValidationRules) {
    if (claim !== undefined) checkRequired(claims, claim, requiredValue ?? '');
    else if (expression && overClaims(expression, claims) !== true) throw new Error(message || `validation expression '${expression}' failed`);
  }
  const { groups, uid, extra = [] } = claimMappings;
  const identity = uid && textOf(uid, claims, 'uid');
  const extras = extra.flatMap(({ key, valueExpression }) => {
    const values = textsOf(overClaims(valueExpression, claims), `extra ${key}`);
    return values.length ? [[key, values] as const] : [];
  });
  const user: UserInfo = {
    name: usernameOf(claimMappings.username, claims),
    ...(identity && { uid: identity }),
    groups: [...(groups ? groupsOf(groups, claims) : []), authenticatedGroup],
    ...(extras.length && { extra: Object.fromEntries(extras) }),
  };
  for (const { expression, message } of userValidationRules)
    if (overUser(expression, user) !== true) throw new Error(message || `user validation expression '${expression}' failed`);
  return user;
}

function checkRequired(claims: Claims, claim: string, required: string): void {
  if (!(claim in claims)) throw new Error(`oidc: required claim ${claim} not present in ID token`);
  if (claims[claim] !== required)
    throw new Error(`oidc: required claim ${claim} value does not match. Got = ${JSON.stringify(claims[claim])}, want = ${required}`);
}

function usernameOf(mapping: PrefixedClaim, claims: Claims): string {
  const name = textOf(mapping, claims, 'username');
  // An address that the issuer has not seen proof of is nobody's.
  if (mapping.claim === 'email' && 'email_verified' in claims && claims['email_verified'] !== true) throw new Error('oidc: email not verified');
  if (!name) throw new Error('oidc: empty username');
  return (mapping.prefix ?? '') + name;
}

function textOf({ claim, expression }: PrefixedClaim, claims: Claims, what: string): string {
  const value = expression ? overClaims(expression, claims) : claims[claim ?? ''];
  if (value === undefined) throw new Error(`oidc: parse ${what} claims ${JSON.stringify(claim)}: claim not present`);
  if (typeof value !== 'string') throw new Error(`oidc: error evaluating ${what} claim expression: expected a string`);
  return value;
}

function groupsOf({ claim = '', prefix = '', expression }: PrefixedClaim, claims: Claims): string[] {
  const value = expression ? overClaims(expression, claims) : claims[claim];
  return textsOf(value, 'groups').map((group) => prefix + group);
}

/** A text, a list of them, or nothing. */
function textsOf(value: unknown, what: string): string[] {
  if (value === undefined || value === null || value === '') return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.filter(Boolean);
  throw new Error(`oidc: error evaluating ${what} claim: expected a string or a list of strings`);
}
