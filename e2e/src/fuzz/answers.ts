// What every answer must be, whatever was asked: no failure of the server's own, errors in upstream's form, nothing for those without rights.
import { decodeProtobuf, schemaIdOf } from '@steersman/api';
import { parse } from 'yaml';
import type { Answer } from './exchange.js';
import type { FuzzRequest } from './requests.js';

/** What stands in objects that only the administrator may see. */
export const marker = 'only-for-the-administrator';

/** Code 500 where upstream answers so too, by what the message says. */
const upstreamFailures: readonly (readonly [name: string, message: RegExp])[] = [
  ['resource versions that are no numbers', /strconv\.ParseUint: parsing/],
  ['impersonation without a user', /without impersonating a user/],
  ['objects that cannot be applied', /^failed to create typed patch object/],
  ['live objects that cannot be applied to', /^failed to (create typed live object|create manager for existing fields)/],
  ['unknown directives of strategic merge patches', /^unknown patch type/],
  ['strategic merge patches of lists without their key', /does not contain declared merge key/],
  ['orders of strategic merge patches that do not fit', /^The order in patch list/],
  ['strategic merge patches of other types than the fields', /^expected a .*, but received/],
  ['bindings without a target', /^target\.(name|kind): /],
  ['evictions of pods with several budgets', /more than one PodDisruptionBudget/],
  ['lists of several types in strategic merge patches', /^list element types are not identical/],
  ['strategic merge patches of lists that have no key', /^cannot merge lists without merge key/],
  ['services where no address is left', /^failed to allocate a serviceIP: range is full/],
  ['scales without their field', /the spec replicas field ".*" does not exist/],
];

const reasons = new Set([
  'BadRequest',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Gone',
  'Expired',
  'Invalid',
  'ServerTimeout',
  'Timeout',
  'StoreReadError',
  'TooManyRequests',
  'MethodNotAllowed',
  'NotAcceptable',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'InternalError',
  'ServiceUnavailable',
]);

/** What is wrong with an answer; undefined where nothing is. */
export function problemOf(request: FuzzRequest, answer: Answer): string | undefined {
  if (request.caller !== 'admin' && answer.bytes.includes(marker)) return `${request.caller} may read what only the administrator may`;
  if (request.caller === 'anonymous' && answer.code < 300 && /^\/(api|apis)\/.*\//.test(request.path)) return 'an anonymous user is answered';
  if (answer.code < 400 || request.method === 'HEAD') return undefined;
  // OpenAPI documents are refused without a word.
  if (answer.code === 406 && answer.bytes.length === 0) return undefined;
  if (answer.type.startsWith('text/plain')) return plainProblem(answer);
  let status: Record<string, unknown>;
  try {
    status = contentOf(answer) as Record<string, unknown>;
  } catch (error) {
    return `an answer of ${answer.type} that cannot be read: ${(error as Error).message}`;
  }
  return statusProblem(status, answer);
}

function plainProblem({ code, bytes }: Answer): string | undefined {
  const text = bytes.toString();
  if (code === 500 && !upstreamFailures.some(([, pattern]) => pattern.test(text))) return `code 500 in words: ${text}`;
  return undefined;
}

function statusProblem(status: Record<string, unknown>, { code }: Answer): string | undefined {
  if (status?.['kind'] !== 'Status') return `an error that is no Status: ${JSON.stringify(status).slice(0, 200)}`;
  if (status['code'] !== code) return `code ${String(status['code'])} in an answer of code ${code}`;
  if (status['status'] !== 'Failure') return `a failure with the status ${String(status['status'])}`;
  const message = String(status['message'] ?? '');
  if (message === '') return 'an error without a message';
  // Protobuf has the reason that there is none of as empty text.
  if (status['reason'] && !reasons.has(String(status['reason']))) return `an unknown reason: ${String(status['reason'])}`;
  if (code === 500 && !upstreamFailures.some(([, pattern]) => pattern.test(message.replace(/^Internal error occurred: /, ''))))
    return `code 500: ${message}`;
  return undefined;
}

function contentOf({ type, bytes }: Answer): unknown {
  if (type.startsWith('application/json')) return JSON.parse(bytes.toString());
  if (type.startsWith('application/yaml')) return parse(bytes.toString(), { version: '1.1' });
  if (type.startsWith('application/vnd.kubernetes.protobuf'))
    return decodeProtobuf(bytes, (apiVersion, kind) => schemaIdOf(apiVersion, kind) ?? (kind === 'Status' ? 'meta.v1.Status' : undefined));
  throw new Error(`a type that nobody asked for: ${type}`);
}
