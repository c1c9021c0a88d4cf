// Why a write cannot be: preconditions that do not hold, names that do not match.
import { badRequest, conflict, type GroupResource, type StatusError } from '@steersman/api';

/** The 409 of a precondition that does not hold. */
export const preconditionFailed = (resource: GroupResource, kind: string, name: string, why: string): StatusError => {
  const error = conflict(resource, name, why);
  error.status.message = `Operation cannot be fulfilled on ${kind} "${name}": ${why}`;
  error.status.details = { ...error.status.details, kind };
  return error;
};

/** The 400 of a body whose name is not the one in the URL. */
export const nameMismatch = (given: string, wanted: string): StatusError =>
  badRequest(`the name of the object (${given}) does not match the name on the URL (${wanted})`);

/** The object says another namespace than the path. */
export const otherNamespace = (): StatusError => badRequest('the namespace of the provided object does not match the namespace sent on the request');
