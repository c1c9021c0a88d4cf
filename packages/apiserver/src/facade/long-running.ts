// Requests that go on after their answer has begun: watches, streams, what is proxied.
import type { RequestInfo } from '../request/request-info.js';

const verbs = new Set(['watch', 'proxy']);
const subresources = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

export const isLongRunning = ({ verb, resource }: RequestInfo): boolean =>
  resource !== undefined && (verbs.has(verb) || subresources.has(resource.subresource ?? ''));
