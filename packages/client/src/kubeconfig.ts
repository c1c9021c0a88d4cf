// Reads and writes kubeconfig files.
// Mirrors https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { RestConfig } from './rest-transport.js';

interface Named<Key extends string, Value> {
  readonly entries: readonly ({ readonly name: string } & Readonly<Partial<Record<Key, Value>>>)[];
}

interface ClusterEntry {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
}

interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
}

interface ContextEntry {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: Named<'cluster', ClusterEntry>['entries'];
  readonly users?: Named<'user', UserEntry>['entries'];
  readonly contexts?: Named<'context', ContextEntry>['entries'];
}

/** The server and credentials of a kubeconfig's current context. Throws one clear line where it cannot be used. */
export function readKubeconfig(file: string): RestConfig {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig | null;
  const context = config?.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config?.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config?.users?.find(({ name }) => name === context?.user)?.user ?? {};
  if (!cluster?.server) throw new Error(`${file} names no cluster in its current context: set current-context to one of its contexts`);
  const pem = (data: string | undefined, path: string | undefined): string | undefined =>
    data ? Buffer.from(data, 'base64').toString() : path ? readFileSync(resolve(file, '..', path), 'utf8') : undefined;
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const cert = pem(user['client-certificate-data'], user['client-certificate']);
  const key = pem(user['client-key-data'], user['client-key']);
  const token = user.token ?? (user.tokenFile ? readFileSync(user.tokenFile, 'utf8').trim() : undefined);
  return { server: cluster.server, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(token && { token }) };
}

/** The text of a kubeconfig with one cluster, user and context, all called `name`. */
export function kubeconfigText({ server, ca, cert, key, token }: RestConfig, name = 'steersman'): string {
  const data = (pem: string | undefined): string | undefined => (pem ? Buffer.from(pem).toString('base64') : undefined);
  const user = { ...(cert && { 'client-certificate-data': data(cert) }), ...(key && { 'client-key-data': data(key) }), ...(token && { token }) };
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [{ name, cluster: { server, ...(ca && { 'certificate-authority-data': data(ca) }) } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      users: [{ name, user }],
    },
    { lineWidth: 0 },
  );
}
