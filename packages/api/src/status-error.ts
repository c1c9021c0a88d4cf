// Errors of the API: a Kubernetes Status carried by an Error, the functions that build one, and the tests for each reason.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The `Status` object of `v1` that answers a failed request. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { resourceVersion?: string; continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** What messages call a resource: `pods`, or `deployments.apps` outside the core group. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

export const qualifiedResource = ({ group, resource }: GroupResource): string => (group ? `${resource}.${group}` : resource);

/** A failed API request. The facade prints `status`; over gRPC it travels whole. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Omit<Status, 'kind' | 'apiVersion' | 'metadata' | 'status'> & Partial<Pick<Status, 'metadata'>>, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? 'unknown', options);
    this.name = 'StatusError';
    const { message, reason, details, code, ...others } = status;
    // In the order in which upstream writes the fields.
    this.status = {
      ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...others },
      ...(message !== undefined && { message }),
      ...(reason !== undefined && { reason }),
      ...(details !== undefined && { details }),
      code,
    };
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

const detailsOf = ({ group, resource }: GroupResource, name?: string): StatusDetails => ({
  ...(name && { name }),
  ...(group && { group }),
  ...(resource && { kind: resource }),
});

export const notFound = (resource: GroupResource, name: string): StatusError =>
  new StatusError({
    code: 404,
    reason: 'NotFound',
    message: `${qualifiedResource(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });

/** The answer where no such path is served at all. */
export const pathNotFound = (): StatusError =>
  new StatusError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });

/** The answer where there is nothing at all, which over REST is no Status but a line of text. */
export class PageNotFound extends StatusError {
  constructor() {
    super({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
    this.name = 'PageNotFound';
  }
}

export const alreadyExists = (resource: GroupResource, name: string): StatusError =>
  new StatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualifiedResource(resource)} "${name}" already exists`,
    details: detailsOf(resource, name),
  });

export const conflict = (resource: GroupResource, name: string, why: string): StatusError =>
  new StatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    details: detailsOf(resource, name),
  });

/** The conflict of a write that carried an outdated resourceVersion. */
export const outdated = (resource: GroupResource, name: string): StatusError =>
  conflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again');

export const badRequest = (message: string): StatusError => new StatusError({ code: 400, reason: 'BadRequest', message });

export const unauthorized = (message = 'Unauthorized'): StatusError => new StatusError({ code: 401, reason: 'Unauthorized', message });

export const forbidden = (resource: GroupResource, name: string, why: string): StatusError =>
  new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${qualifiedResource(resource)}${name ? ` "${name}"` : ''} is forbidden: ${why}`,
    details: detailsOf(resource, name),
  });

export const methodNotSupported = (resource: GroupResource, verb: string): StatusError =>
  new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: `${verb} is not supported on resources of kind "${qualifiedResource(resource)}"`,
    details: detailsOf(resource),
  });

/** A watch or continue token that reaches back past what is kept. */
export const gone = (message: string): StatusError => new StatusError({ code: 410, reason: 'Gone', message });

export const expired = (message: string): StatusError => new StatusError({ code: 410, reason: 'Expired', message });

export const tooManyRequests = (message: string, retryAfterSeconds: number, causes?: StatusCause[]): StatusError =>
  new StatusError({
    code: 429,
    reason: 'TooManyRequests',
    message,
    details: { ...(causes && { causes }), ...(retryAfterSeconds > 0 && { retryAfterSeconds }) },
  });

export const internalError = (error: Error): StatusError =>
  new StatusError(
    { code: 500, reason: 'InternalError', message: `Internal error occurred: ${error.message}`, details: { causes: [{ message: error.message }] } },
    { cause: error },
  );

export const serviceUnavailable = (message: string): StatusError => new StatusError({ code: 503, reason: 'ServiceUnavailable', message });

export const timeoutError = (message: string, retryAfterSeconds = 0): StatusError =>
  new StatusError({ code: 504, reason: 'Timeout', message: `Timeout: ${message}`, details: retryAfterSeconds ? { retryAfterSeconds } : {} });

/** Follows `cause` to the StatusError in a chain of errors, if there is one. */
export function statusErrorIn(error: unknown): StatusError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) if (current instanceof StatusError) return current;
  return undefined;
}

const hasReason =
  (...reasons: string[]) =>
  (error: unknown): boolean => {
    const found = statusErrorIn(error);
    return found !== undefined && reasons.includes(found.reason);
  };

export const isNotFound = hasReason('NotFound');
/** For `catch`: what is not there needs nothing done to it. */
export function ignoreNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
  return undefined;
}

export const isAlreadyExists = hasReason('AlreadyExists');
export const isConflict = hasReason('Conflict');
export const isInvalid = hasReason('Invalid');
export const isForbidden = hasReason('Forbidden');
export const isGone = hasReason('Gone', 'Expired');
export const isTooManyRequests = hasReason('TooManyRequests');

/** Whether a write was refused because its namespace is being deleted: what was to be written is not wanted any more. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  statusErrorIn(error)?.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;

/** Anything thrown, as a StatusError: itself where it carries one, else an internal error. */
export const toStatusError = (error: unknown): StatusError =>
  statusErrorIn(error) ?? internalError(error instanceof Error ? error : new Error(String(error)));
