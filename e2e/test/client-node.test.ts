// The official JavaScript client, on a cluster with controllers and a hollow node; the story has what it does with containers.
import {
  type ApiException,
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../src/cluster.js';
import { eventually } from '../src/run.js';

const namespace = 'default';

describe('client-node', () => {
  const cluster = new Cluster(['--runtime', 'hollow', '--store', 'memory']);
  const config = new KubeConfig();
  let core: CoreV1Api;

  beforeAll(async () => {
    await cluster.up();
    config.loadFromFile(cluster.kubectl.kubeconfig);
    core = config.makeApiClient(CoreV1Api);
  });
  afterAll(() => cluster.destroy());

  const create = (name: string, data: Record<string, string> = {}): Promise<V1ConfigMap> =>
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { made: 'here' } }, data } });
  const codeOf = (call: Promise<unknown>): Promise<number> =>
    call.then(
      () => 200,
      (error: ApiException<unknown>) => error.code,
    );

  it('creates, reads, replaces and deletes', async () => {
    const made = await create('one', { word: 'Grüße ✓' });
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const read = await core.readNamespacedConfigMap({ namespace, name: 'one' });
    expect(read.data).toEqual({ word: 'Grüße ✓' });
    await core.replaceNamespacedConfigMap({ namespace, name: 'one', body: { ...read, data: { word: 'new' } } });
    expect(await codeOf(core.replaceNamespacedConfigMap({ namespace, name: 'one', body: read }))).toBe(409);
    expect(await codeOf(create('one'))).toBe(409);
    await core.deleteNamespacedConfigMap({ namespace, name: 'one' });
    expect(await codeOf(core.readNamespacedConfigMap({ namespace, name: 'one' }))).toBe(404);
  });

  it('informs of what there is and what happens', async () => {
    await create('known');
    const seen: string[] = [];
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'made=here' });
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, 'made=here');
    for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, (object) => seen.push(`${verb} ${object.metadata?.name}`));
    await informer.start();
    await create('followed');
    await eventually(async () => expect(seen).toContain('add followed'));
    const labelled = { metadata: { labels: { more: 'yes' } } };
    await core.patchNamespacedConfigMap({ namespace, name: 'followed', body: labelled }, setHeaderOptions('Content-Type', PatchStrategy.MergePatch));
    await core.deleteNamespacedConfigMap({ namespace, name: 'followed' });
    await eventually(async () => expect(seen).toEqual(['add known', 'add followed', 'update followed', 'delete followed']));
    expect(informer.get('known', namespace)?.metadata?.labels).toEqual({ made: 'here' });
    expect(informer.list(namespace).map((object) => object.metadata?.name)).toEqual(['known']);
    await informer.stop();
  });

  it('watches from a revision, until its time is over', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    await create('watched');
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const query = { resourceVersion: metadata?.resourceVersion ?? '', timeoutSeconds: 1, allowWatchBookmarks: true };
      const note = (phase: string, object: V1ConfigMap): void => void (phase !== 'BOOKMARK' && seen.push(`${phase} ${object.metadata?.name}`));
      new Watch(config).watch(`/api/v1/namespaces/${namespace}/configmaps`, query, note, () => resolve()).catch(reject);
    });
    expect(seen).toEqual(['ADDED watched']);
  });

  it('patches in each way', async () => {
    await create('patched', { a: '1' });
    const patch = (strategy: PatchStrategy, body: object, more = {}): Promise<V1ConfigMap> =>
      core.patchNamespacedConfigMap({ namespace, name: 'patched', body, ...more }, setHeaderOptions('Content-Type', strategy));
    expect((await patch(PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/b', value: '2' }])).data).toEqual({ a: '1', b: '2' });
    expect((await patch(PatchStrategy.MergePatch, { data: { a: null } })).data).toEqual({ b: '2' });
    expect((await patch(PatchStrategy.StrategicMergePatch, { data: { c: '3' } })).data).toEqual({ b: '2', c: '3' });
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'patched' }, data: { b: 'mine' } };
    expect(await codeOf(patch(PatchStrategy.ServerSideApply, applied, { fieldManager: 'me' }))).toBe(409);
    expect((await patch(PatchStrategy.ServerSideApply, applied, { fieldManager: 'me', force: true })).data).toEqual({ b: 'mine', c: '3' });
  });

  it('handles objects of any kind', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'any', namespace },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'any' } },
        template: { metadata: { labels: { app: 'any' } }, spec: { containers: [{ name: 'main', image: 'example.com/app:1' }] } },
      },
    };
    await objects.create(deployment);
    const apps = config.makeApiClient(AppsV1Api);
    await eventually(async () => expect((await apps.readNamespacedDeployment({ namespace, name: 'any' })).status?.readyReplicas).toBe(2));
    await apps.replaceNamespacedDeploymentScale({ namespace, name: 'any', body: { metadata: { name: 'any', namespace }, spec: { replicas: 0 } } });
    expect((await objects.read(deployment)).metadata?.generation).toBe(2);
    await objects.delete(deployment);
    const groups = await config.makeApiClient(CustomObjectsApi).getAPIResources({ group: 'apps', version: 'v1' });
    expect(groups.resources.map(({ name }) => name)).toContain('deployments');
  });
});
