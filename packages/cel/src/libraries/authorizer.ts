// authorizer: whether the user of a request, or a service account, may do something else.
// Mirrors https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library
import { FunctionError } from '../expression-error.js';
import { functions, type Library } from './library.js';

/** What is asked about; `path` for what is no resource. */
export interface AccessCheck {
  readonly verb: string;
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Namespace and name of the account to ask about, in place of the user. */
  readonly serviceAccount?: readonly [namespace: string, name: string];
}

export interface AccessDecision {
  readonly allowed: boolean;
  readonly reason: string;
}

export type Decide = (check: AccessCheck) => AccessDecision;

type Target = Omit<AccessCheck, 'verb'>;

class Check {
  constructor(
    readonly decide: Decide,
    readonly target: Target,
  ) {}
}

class PathCheck extends Check {}
class GroupCheck extends Check {}

class ResourceCheck extends Check {
  with(more: Target): ResourceCheck {
    return new ResourceCheck(this.decide, { ...this.target, ...more });
  }
}

class Decision {
  constructor(readonly decision: AccessDecision) {}
}

/** The value of the variable `authorizer`; `requestResource` is what the request itself is about. */
export class Authorizer {
  readonly requestResource: ResourceCheck;

  constructor(
    readonly decide: Decide,
    readonly request: Target,
    readonly serviceAccount?: readonly [namespace: string, name: string],
  ) {
    this.requestResource = new ResourceCheck(decide, request);
  }

  get target(): Target {
    return this.serviceAccount ? { serviceAccount: this.serviceAccount } : {};
  }
}

const prefix = 'kubernetes.authorization.';
const names = {
  authorizer: `${prefix}Authorizer`,
  path: `${prefix}PathCheck`,
  group: `${prefix}GroupCheck`,
  resource: `${prefix}ResourceCheck`,
  decision: `${prefix}Decision`,
} as const;

const decided = ({ decide, target }: Check, verb: string): Decision => new Decision(decide({ ...target, verb }));

function accountOf(authorizer: Authorizer, namespace: string, name: string): Authorizer {
  const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
  if (!label.test(namespace)) throw new FunctionError(`invalid service account namespace: ${JSON.stringify(namespace)}`);
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) throw new FunctionError(`invalid service account name: ${JSON.stringify(name)}`);
  return new Authorizer(authorizer.decide, authorizer.request, [namespace, name]);
}

export const authorizerLibrary: Library = (environment) => {
  environment.registerType(names.path, PathCheck);
  environment.registerType(names.group, GroupCheck);
  environment.registerType(names.resource, ResourceCheck);
  environment.registerType(names.decision, Decision);
  environment.registerType(names.authorizer, { ctor: Authorizer, fields: { requestResource: names.resource } });
  functions(environment, {
    [`${names.authorizer}.path(string): ${names.path}`]: ({ decide, target }: Authorizer, path: string) => new PathCheck(decide, { ...target, path }),
    [`${names.authorizer}.group(string): ${names.group}`]: ({ decide, target }: Authorizer, group: string) =>
      new GroupCheck(decide, { ...target, group }),
    [`${names.authorizer}.serviceAccount(string, string): ${names.authorizer}`]: accountOf,
    [`${names.group}.resource(string): ${names.resource}`]: ({ decide, target }: GroupCheck, resource: string) =>
      new ResourceCheck(decide, { ...target, resource }),
    [`${names.resource}.subresource(string): ${names.resource}`]: (check: ResourceCheck, subresource: string) => check.with({ subresource }),
    [`${names.resource}.namespace(string): ${names.resource}`]: (check: ResourceCheck, namespace: string) => check.with({ namespace }),
    [`${names.resource}.name(string): ${names.resource}`]: (check: ResourceCheck, name: string) => check.with({ name }),
    // Authorizers that look at selectors see none: they decide as for all objects.
    [`${names.resource}.fieldSelector(string): ${names.resource}`]: (check: ResourceCheck) => check,
    [`${names.resource}.labelSelector(string): ${names.resource}`]: (check: ResourceCheck) => check,
    [`${names.path}.check(string): ${names.decision}`]: decided,
    [`${names.resource}.check(string): ${names.decision}`]: decided,
    [`${names.decision}.allowed(): bool`]: ({ decision }: Decision) => decision.allowed,
    [`${names.decision}.reason(): string`]: ({ decision }: Decision) => decision.reason,
    [`${names.decision}.errored(): bool`]: () => false,
    [`${names.decision}.error(): string`]: () => '',
  });
};
