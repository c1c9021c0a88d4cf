// The ConfigMap that tells aggregated servers which proxy to believe when it says who a request is from.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#kubernetes-apiserver-client-authentication
import { type ConfigMap, deepEqual, isNotFound } from '@steersman/api';
import type { Client } from '@steersman/client';

export interface RequestHeaderConfig {
  /** PEM of the authority that the certificates of trusted proxies are of. */
  readonly ca: string;
  /** Common names of trusted proxies; all that the authority knows where there are none. */
  readonly allowedNames: readonly string[];
}

const place = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

export async function publishAuthentication(
  client: Client,
  { clientCa, requestHeader }: { clientCa: string; requestHeader?: RequestHeaderConfig | undefined },
): Promise<void> {
  const data: Record<string, string> = {
    'client-ca-file': clientCa,
    ...(requestHeader && {
      'requestheader-allowed-names': JSON.stringify(requestHeader.allowedNames),
      'requestheader-client-ca-file': requestHeader.ca,
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-username-headers': '["X-Remote-User"]',
    }),
  };
  const current = await client.get('ConfigMap', place).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!current) await client.create<ConfigMap>({ kind: 'ConfigMap', apiVersion: 'v1', metadata: place, data });
  else if (!deepEqual(current.data, data)) await client.update<ConfigMap>({ ...current, data });
}
