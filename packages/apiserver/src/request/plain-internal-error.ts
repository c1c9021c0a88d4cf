// A failure before a request is understood: told in words instead of a Status.

/** The message follows the request's path in the answer. */
export class PlainInternalError extends Error {
  override readonly name = 'PlainInternalError';
}
