// The parameters of operations in OpenAPI documents: which an action takes, and what they mean.
import type { JsonSchema } from './schemas.js';

export interface Parameter extends JsonSchema {
  readonly name: string;
  readonly in: 'query' | 'path';
}

const described: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'Asks for BOOKMARK events in a watch; how often they come is up to the server.',
  command: 'The command to run: one word a parameter. It is not run in a shell.',
  container: 'The container it is about; by default the only one of the pod.',
  continue: 'The token that the page before came with.',
  dryRun: 'All: everything is carried out but for storing the result.',
  fieldManager: 'Who makes the change, in up to 128 printable characters.',
  fieldSelector: 'Selects objects by their fields.',
  fieldValidation:
    'What becomes of unknown and duplicate fields. Ignore: they are dropped; Warn: dropped, with a warning; Strict: the request fails.',
  follow: 'Goes on with what is logged from now on.',
  force: 'An apply takes over fields that other managers own.',
  gracePeriodSeconds: 'How long the object has to end. Zero means at once; without it the default of its kind holds.',
  ignoreStoreReadErrorWithClusterBreakingPotential:
    'Deletes an object that cannot be read from the store, without any of what a deletion usually waits for.',
  insecureSkipTLSVerifyBackend: 'The certificate of the node that has the logs is not verified.',
  labelSelector: 'Selects objects by their labels.',
  limit: 'The most items of an answer. Where there are more, it has a token with which to continue.',
  limitBytes: 'The most bytes that are given of the logs.',
  orphanDependents: 'Deprecated, use propagationPolicy: dependents outlive the object.',
  path: 'The path below the proxied one.',
  ports: 'The ports to forward; needed over WebSockets.',
  pretty: 'Whether JSON is indented; by default for browsers and command line clients.',
  previous: 'Gives the logs of the container before the one that runs.',
  propagationPolicy: 'What becomes of dependents. Orphan: they stay; Background: they are deleted afterwards; Foreground: before the object itself.',
  resourceVersion: 'The version to read at, or from which on to watch.',
  resourceVersionMatch: 'How resourceVersion is meant: Exact or NotOlderThan.',
  sendInitialEvents: 'A watch begins with what there is, and says by a bookmark where that ends.',
  sinceSeconds: 'Leaves out what is older, in seconds before now.',
  stderr: 'Connects the standard error of the container.',
  stdin: 'Connects the standard input of the container.',
  stdout: 'Connects the standard output of the container.',
  stream: 'Which of the streams of the container to give: All, Stdout or Stderr.',
  tailLines: 'Gives this many lines from the end of the logs.',
  timeoutSeconds: 'How long the call may take.',
  timestamps: 'Puts the time at the beginning of each line.',
  tty: 'Gives the process a terminal.',
  watch: 'Streams changes, beginning at resourceVersion.',
};

const booleans = new Set(
  'allowWatchBookmarks follow force ignoreStoreReadErrorWithClusterBreakingPotential insecureSkipTLSVerifyBackend orphanDependents previous sendInitialEvents stderr stdin stdout timestamps tty watch'.split(
    ' ',
  ),
);
const integers = new Set('gracePeriodSeconds limit limitBytes ports sinceSeconds tailLines timeoutSeconds'.split(' '));

const query = (name: string): Parameter => ({
  name,
  in: 'query',
  description: described[name] ?? name,
  schema: { type: booleans.has(name) ? 'boolean' : integers.has(name) ? 'integer' : 'string', uniqueItems: true },
});

const pathDescriptions: Readonly<Record<string, string>> = { namespace: 'namespace of the object', path: 'path below the proxied one' };

export const pathParameter = (name: string, description = pathDescriptions[name] ?? name): Parameter => ({
  name,
  in: 'path',
  description,
  required: true,
  schema: { type: 'string', uniqueItems: true },
});

const named = (names: string): readonly Parameter[] => names.split(' ').map(query);

const write = 'pretty dryRun fieldManager fieldValidation';
const removal = 'dryRun gracePeriodSeconds ignoreStoreReadErrorWithClusterBreakingPotential orphanDependents propagationPolicy';
const selection = 'continue fieldSelector labelSelector limit resourceVersion resourceVersionMatch sendInitialEvents timeoutSeconds';
const list = `pretty allowWatchBookmarks ${selection} watch`;

/** What an action takes beside the path. */
export const actionParameters: Readonly<Record<string, readonly Parameter[]>> = {
  get: named('pretty'),
  list: named(list),
  watch: named(list),
  watchlist: named(list),
  post: named(write),
  put: named(write),
  patch: named(`${write} force`),
  delete: named(`pretty ${removal}`),
  deletecollection: named(`pretty ${removal} ${selection}`),
};

const streams = named('container stderr stdin stdout tty');
const proxied = named('path');

/** What connections take, by the kind of their options. */
export const connectionParameters: Readonly<Record<string, readonly Parameter[]>> = {
  PodAttachOptions: streams,
  PodExecOptions: [...named('command'), ...streams],
  PodPortForwardOptions: named('ports'),
  PodProxyOptions: proxied,
  ServiceProxyOptions: proxied,
  NodeProxyOptions: proxied,
};

export const logParameters = named(
  'pretty container follow insecureSkipTLSVerifyBackend limitBytes previous sinceSeconds stream tailLines timestamps',
);

const byName = (a: Parameter, b: Parameter): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.in < b.in ? -1 : 1);

export interface WithParameters {
  readonly parameters: readonly Parameter[];
}

/** A path's operations with the parameters that all of them take put at the path itself. */
export function pathItem(methods: Readonly<Record<string, WithParameters>>): JsonSchema {
  const all = Object.values(methods).map(({ parameters }) => parameters);
  const isCommon = (one: Parameter): boolean => all.every((parameters) => parameters.some((other) => other.name === one.name && other.in === one.in));
  const common = (all[0] ?? []).filter(isCommon).sort(byName);
  const own = Object.entries(methods).map(([method, { parameters, ...rest }]) => {
    const others = parameters.filter((one) => !isCommon(one)).sort(byName);
    return [method, { ...rest, ...(others.length && { parameters: others }) }];
  });
  return { ...Object.fromEntries(own), ...(common.length && { parameters: common }) };
}
