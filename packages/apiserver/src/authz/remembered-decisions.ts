// Decisions of an authorizer that go by the user and the question alone: remembered until something that they go by changes.
import { RememberedByUser } from '../authn/remembered-by-user.js';
import type { Attributes, Authorizer, Decision } from './authorizer.js';

export class RememberedDecisions implements Authorizer {
  readonly name: string;
  private readonly decisions = new RememberedByUser<Decision>();

  constructor(private readonly authorizer: Authorizer) {
    this.name = authorizer.name;
  }

  forget(): void {
    this.decisions.forget();
  }

  authorize(attributes: Attributes): Decision {
    return this.decisions.answer(attributes.user, questionOf(attributes), () => this.authorizer.authorize(attributes));
  }
}

/** Names come out of URLs and have any character in them: each part says how long it is. */
const part = (text = ''): string => `${text.length}:${text}`;

const questionOf = (asked: Attributes): string =>
  'path' in asked
    ? `/${part(asked.verb)}${asked.path}`
    : `${part(asked.verb)}${part(asked.group)}${part(asked.version)}${part(asked.resource)}${part(asked.subresource)}${part(asked.namespace)}${part(asked.name)}`;
