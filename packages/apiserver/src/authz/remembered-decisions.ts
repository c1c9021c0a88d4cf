// Decisions of an authorizer that go by the user and the question alone: remembered until something that they go by changes.
import type { UserInfo } from '../authn/user.js';
import type { Attributes, Authorizer, Decision } from './authorizer.js';

/** So many questions are remembered for a user; then it starts anew. */
const mostRemembered = 1000;

export class RememberedDecisions implements Authorizer {
  readonly name: string;
  private users = new WeakMap<UserInfo, Map<string, Decision>>();

  constructor(private readonly authorizer: Authorizer) {
    this.name = authorizer.name;
  }

  forget(): void {
    this.users = new WeakMap();
  }

  authorize(attributes: Attributes): Decision {
    let decisions = this.users.get(attributes.user);
    if (!decisions || decisions.size >= mostRemembered) {
      decisions = new Map();
      this.users.set(attributes.user, decisions);
    }
    const question = questionOf(attributes);
    let decision = decisions.get(question);
    if (!decision) {
      decision = this.authorizer.authorize(attributes);
      decisions.set(question, decision);
    }
    return decision;
  }
}

/** Names come out of URLs and have any character in them: each part says how long it is. */
const part = (text = ''): string => `${text.length}:${text}`;

const questionOf = (asked: Attributes): string =>
  'path' in asked
    ? `/${part(asked.verb)}${asked.path}`
    : `${part(asked.verb)}${part(asked.group)}${part(asked.version)}${part(asked.resource)}${part(asked.subresource)}${part(asked.namespace)}${part(asked.name)}`;
