// Config maps and secrets that pods on this node refer to: each is watched by name for as long as a pod needs it.
// Mirrors the watching managers of https://github.com/kubernetes/kubernetes/tree/master/pkg/kubelet/util/manager
import type { Clock, ConfigMap, Logger, Secret } from '@steersman/api';
import { type Client, Informer } from '@steersman/client';
import { anySignal } from '@steersman/component-base';
import { type AnyContainer, containersOf, type NodePod, namespaceOf, uidOf } from './pod.js';

export type ReferenceKind = 'ConfigMap' | 'Secret';

interface Watched {
  readonly informer: Informer<'ConfigMap'> | Informer<'Secret'>;
  readonly users: Set<string>;
  readonly stop: AbortController;
}

export interface ObjectReferencesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** An object that the pod refers to has changed. */
  readonly onChange: (podUid: string) => void;
}

/** How long a lookup waits for the first list before it is reported as failed. */
const syncTimeoutMs = 5000;

export class ObjectReferences {
  private readonly watched = new Map<string, Watched>();
  private readonly keysOfPod = new Map<string, readonly string[]>();
  private readonly running = new Set<Promise<void>>();
  private readonly stopAll = new AbortController();

  constructor(private readonly options: ObjectReferencesOptions) {}

  /** Watches what the pod refers to. */
  register(pod: NodePod): void {
    const uid = uidOf(pod);
    if (this.keysOfPod.has(uid)) return;
    const keys = [...referencesOf(pod)].map(({ kind, name }) => `${kind}/${namespaceOf(pod)}/${name}`);
    this.keysOfPod.set(uid, keys);
    for (const key of keys) this.watch(key).users.add(uid);
  }

  unregister(uid: string): void {
    for (const key of this.keysOfPod.get(uid) ?? []) {
      const watched = this.watched.get(key);
      watched?.users.delete(uid);
      if (watched?.users.size === 0) {
        watched.stop.abort();
        this.watched.delete(key);
      }
    }
    this.keysOfPod.delete(uid);
  }

  async configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return (await this.get('ConfigMap', namespace, name)) as ConfigMap | undefined;
  }

  async secret(namespace: string, name: string): Promise<Secret | undefined> {
    return (await this.get('Secret', namespace, name)) as Secret | undefined;
  }

  /** Ends all watches. */
  async close(): Promise<void> {
    this.stopAll.abort();
    await Promise.all(this.running);
  }

  private async get(kind: ReferenceKind, namespace: string, name: string): Promise<ConfigMap | Secret | undefined> {
    const { informer } = this.watch(`${kind}/${namespace}/${name}`);
    if (!informer.hasSynced) {
      const timeout = new AbortController();
      const late = this.options.clock.sleep(syncTimeoutMs, timeout.signal).then(() => 'late' as const);
      const first = await Promise.race([informer.synced, late]);
      timeout.abort();
      if (first === 'late')
        throw new Error(`failed to sync ${kind === 'ConfigMap' ? 'configmap' : 'secret'} cache: timed out waiting for the condition`);
    }
    return informer.lister.get(namespace, name);
  }

  private watch(key: string): Watched {
    const known = this.watched.get(key);
    if (known) return known;
    const [kind, namespace = '', name = ''] = key.split('/') as [ReferenceKind, string, string];
    const { client, clock, logger, onChange } = this.options;
    const options = { client, clock, logger, namespace, fieldSelector: `metadata.name=${name}` };
    const informer = kind === 'ConfigMap' ? new Informer({ ...options, kind: 'ConfigMap' }) : new Informer({ ...options, kind: 'Secret' });
    const watched: Watched = { informer, users: new Set(), stop: new AbortController() };
    const tell = (): void => {
      for (const uid of watched.users) onChange(uid);
    };
    if (kind === 'ConfigMap') (informer as Informer<'ConfigMap'>).onEvent(tell);
    else (informer as Informer<'Secret'>).onEvent(tell);
    this.watched.set(key, watched);
    const run = informer.run(anySignal(this.stopAll.signal, watched.stop.signal)).finally(() => this.running.delete(run));
    this.running.add(run);
    return watched;
  }
}

/** Every config map and secret that the pod names. */
export function* referencesOf(pod: NodePod): Generator<{ kind: ReferenceKind; name: string }, void, undefined> {
  for (const { container } of containersOf(pod)) yield* environmentReferences(container);
  for (const { name } of pod.spec.imagePullSecrets ?? []) if (name) yield { kind: 'Secret', name };
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.configMap?.name) yield { kind: 'ConfigMap', name: volume.configMap.name };
    if (volume.secret?.secretName) yield { kind: 'Secret', name: volume.secret.secretName };
    for (const { configMap, secret } of volume.projected?.sources ?? []) {
      if (configMap?.name) yield { kind: 'ConfigMap', name: configMap.name };
      if (secret?.name) yield { kind: 'Secret', name: secret.name };
    }
  }
}

function* environmentReferences({ env, envFrom }: AnyContainer): Generator<{ kind: ReferenceKind; name: string }, void, undefined> {
  for (const { configMapRef, secretRef } of envFrom ?? []) {
    if (configMapRef?.name) yield { kind: 'ConfigMap', name: configMapRef.name };
    if (secretRef?.name) yield { kind: 'Secret', name: secretRef.name };
  }
  for (const { valueFrom } of env ?? []) {
    if (valueFrom?.configMapKeyRef?.name) yield { kind: 'ConfigMap', name: valueFrom.configMapKeyRef.name };
    if (valueFrom?.secretKeyRef?.name) yield { kind: 'Secret', name: valueFrom.secretKeyRef.name };
  }
}
