// Registry credentials from a pod's imagePullSecrets.
// Mirrors https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
import type { Secret } from '@steersman/api';
import type { RegistryAuth } from '../runtime/container-runtime.js';

interface DockerConfigEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

const registryOf = (image: string): string => {
  const first = image.split('/')[0] ?? '';
  return image.includes('/') && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
};

const hostOf = (key: string): string =>
  key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '');

const isFor = (key: string, image: string): boolean => {
  const host = hostOf(key);
  const registry = registryOf(image);
  if (registry === 'docker.io' && /(^|\.)docker\.io$/.test(host.split('/')[0] ?? '')) return true;
  const pattern = new RegExp(`^${host.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^./]*')}(/|:|@|$)`);
  return pattern.test(image);
};

function entriesOf({ type, data = {} }: Secret): Record<string, DockerConfigEntry> {
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  try {
    if (type === 'kubernetes.io/dockerconfigjson')
      return (JSON.parse(text('.dockerconfigjson')) as { auths?: Record<string, DockerConfigEntry> }).auths ?? {};
    if (type === 'kubernetes.io/dockercfg') return JSON.parse(text('.dockercfg')) as Record<string, DockerConfigEntry>;
  } catch {
    return {};
  }
  return {};
}

/** The credentials of the secrets that fit the image, the longest match first. */
export function credentialsFor(image: string, secrets: readonly Secret[]): RegistryAuth[] {
  return secrets
    .flatMap((secret) => Object.entries(entriesOf(secret)))
    .filter(([key]) => isFor(key, image))
    .sort(([a], [b]) => b.length - a.length)
    .map(([key, { username, password, auth }]) => {
      const [user = '', ...rest] = Buffer.from(auth ?? '', 'base64')
        .toString()
        .split(':');
      return { username: username ?? user, password: password ?? rest.join(':'), serverAddress: hostOf(key) };
    });
}
