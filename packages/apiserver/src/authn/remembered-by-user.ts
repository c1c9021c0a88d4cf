// What was found out about the questions of each user, so that the same one is answered at once: most ask for the same again and again.
import type { UserInfo } from './user.js';

/** So many questions are remembered for a user; then it starts anew. */
const mostRemembered = 1000;

export class RememberedByUser<Answer> {
  private users = new WeakMap<UserInfo, Map<string, Answer>>();

  /** The answer known, or the one found now; what is not found is looked for again the next time. */
  answer<Found extends Answer | undefined>(user: UserInfo, question: string, find: () => Found): Answer | Found {
    let known = this.users.get(user);
    if (!known || known.size >= mostRemembered) {
      known = new Map();
      this.users.set(user, known);
    }
    const remembered = known.get(question);
    if (remembered !== undefined) return remembered;
    const found = find();
    if (found !== undefined) known.set(question, found);
    return found;
  }

  forget(): void {
    this.users = new WeakMap();
  }
}
