// What users type, by kubectl of today and by kubectl 1.20 where it is at hand ($KUBECTL_SPDY), and the words they read.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster, freePort } from '../src/cluster.js';
import type { Kubectl } from '../src/kubectl.js';
import { eventually, type RunOptions } from '../src/run.js';

const files = new URL('../clients/kubectl', import.meta.url).pathname;
const web = join(files, 'base/web.yaml');
const red = readFileSync(web, 'utf8').replace('green', 'red');

const commands = [
  { version: 'today', command: 'kubectl', missing: spawnSync('kubectl', ['version', '--client']).status === 0 ? '' : 'there is no kubectl' },
  { version: '1.20', command: process.env['KUBECTL_SPDY'] ?? '', missing: process.env['KUBECTL_SPDY'] ? '' : '$KUBECTL_SPDY names none' },
];
for (const { version, missing } of commands) if (missing) console.log(`kubectl of ${version} is skipped: ${missing}`);

describe.each(commands)('kubectl of $version', ({ version, command, missing }) => {
  const cluster = new Cluster(['--runtime', 'hollow', '--store', 'memory']);
  const old = version === '1.20';
  let client: Kubectl;

  beforeAll(async () => {
    if (missing) return;
    await cluster.up();
    client = cluster.kubectl.by(command);
  });
  afterAll(() => cluster.destroy());

  const say = (args: string, options?: RunOptions): Promise<string> => client.run(args, options);
  /** All that was printed, and the exit code unless it is 0. */
  const hear = async (args: string, options?: RunOptions): Promise<string> => {
    const { code, stdout, stderr } = await client.try(args.split(' '), options);
    return `${stdout}${stderr}${code === 0 ? '' : `exit ${code}`}`;
  };

  it.skipIf(missing)('diffs, applies and waits', async () => {
    expect(await hear(`diff -f ${web}`)).toMatch(/\+kind: Deployment[\s\S]*exit 1$/);
    expect(await say(`apply -f ${web}`)).toBe('deployment.apps/web created\nconfigmap/settings created\n');
    expect(await say(`apply -f ${web}`)).toBe('deployment.apps/web unchanged\nconfigmap/settings unchanged\n');
    expect(await hear(`diff -f ${web}`)).toBe('');
    const lines = (await hear('diff -f -', { input: red })).split('\n').filter((line) => /^[-+] .*colour/.test(line));
    expect(lines).toEqual(['-  colour: green', '+  colour: red']);
    expect(await say('wait --for=condition=Available deployment/web --timeout=20s')).toBe('deployment.apps/web condition met\n');
    expect(await hear('wait --for=delete configmap/settings --timeout=1s')).toContain(
      'error: timed out waiting for the condition on configmaps/settings\n',
    );
    expect(await say('rollout status deployment/web')).toBe('deployment "web" successfully rolled out\n');
  });

  it.skipIf(missing)('labels, annotates and scales', async () => {
    expect(await say('label deployment web tier=front')).toBe('deployment.apps/web labeled\n');
    expect(await hear('label deployment web tier=back')).toBe("error: 'tier' already has a value (front), and --overwrite is false\nexit 1");
    expect(await say('label deployment web tier=back --overwrite')).toBe('deployment.apps/web labeled\n');
    expect(await say('get deployments -l tier=back -o name')).toBe('deployment.apps/web\n');
    expect(await say('label deployment web tier-')).toBe(`deployment.apps/web ${old ? 'labeled' : 'unlabeled'}\n`);
    expect(await say('annotate deployment web note=seen')).toBe('deployment.apps/web annotated\n');
    expect(await say('scale deployment web --replicas=3')).toBe('deployment.apps/web scaled\n');
    expect(await hear('scale deployment web --replicas=1 --current-replicas=9')).toBe('error: Expected replicas to be 9, was 3\nexit 1');
    await say('rollout status deployment/web');
  });

  it.skipIf(missing)('rolls out, pauses, and rolls back', async () => {
    expect(await say('set image deployment/web main=example.com/web:2')).toBe('deployment.apps/web image updated\n');
    await say('rollout status deployment/web');
    expect(await say('rollout restart deployment/web')).toBe('deployment.apps/web restarted\n');
    await say('rollout status deployment/web');
    expect(await say('rollout history deployment/web')).toBe(
      'deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n3         <none>\n\n',
    );
    expect(await say('rollout pause deployment/web')).toBe('deployment.apps/web paused\n');
    expect(await hear('rollout pause deployment/web')).toBe('error: deployments.apps "web" is already paused\nexit 1');
    expect(await say('rollout resume deployment/web')).toBe('deployment.apps/web resumed\n');
    expect(await say('rollout undo deployment/web --to-revision=1')).toBe('deployment.apps/web rolled back\n');
    expect(await say('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('example.com/web:1');
  });

  it.skipIf(missing)('prints tables, columns, templates and names', async () => {
    await say('rollout status deployment/web');
    expect(await say('get deployment web')).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +3\/3 +3 +3 +\d+s\n$/);
    expect(await say('get deployment web -o wide')).toMatch(/CONTAINERS +IMAGES +SELECTOR\n.*main +example\.com\/web:1 +app=web\n$/);
    expect(await say('get configmap settings --show-labels')).toMatch(/^NAME +DATA +AGE +LABELS\nsettings +1 +\d+s +<none>\n$/);
    expect(await say('get deployment web -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[0].image')).toBe(
      'NAME   IMAGE\nweb    example.com/web:1\n',
    );
    expect(await say('get deployment web -o go-template={{.metadata.name}}/{{.spec.replicas}}')).toBe('web/3');
    expect(await say('get deployments,configmaps -o name --field-selector metadata.name!=kube-root-ca.crt')).toBe(
      'deployment.apps/web\nconfigmap/settings\n',
    );
    expect(await hear('get configmaps --field-selector spec.nothing=1')).toContain(
      '"spec.nothing" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(await hear('get pods -n nowhere')).toBe('No resources found in nowhere namespace.\n');
    expect(await say('get namespaces --sort-by=.metadata.name -o name')).toBe(
      'namespace/default\nnamespace/kube-node-lease\nnamespace/kube-public\nnamespace/kube-system\n',
    );
  });

  it.skipIf(missing)('explains and discovers', async () => {
    const flat = async (args: string): Promise<string> => (await say(args)).replace(/\s+/g, ' ');
    expect(await flat('explain deployment.spec.replicas')).toMatch(/FIELD: replicas <integer>.*Number of desired pods\. This is a pointer/);
    expect(await flat('explain configmap.data')).toMatch(/^KIND: ConfigMap VERSION: v1 FIELD: data <map\[string\]string>/);
    expect(await hear('explain deployment.nothing')).toMatch(/error: field "nothing" does not exist\nexit 1$/);
    expect(await say('api-resources --api-group=apps -o name')).toBe(
      'controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps\n',
    );
    expect(await say('api-resources --api-group=apps --no-headers')).toMatch(/deployments +deploy +apps\/v1 +true +Deployment\n/);
    expect((await say('api-versions')).split('\n')).toEqual(expect.arrayContaining(['apps/v1', 'v1', 'rbac.authorization.k8s.io/v1']));
    expect(await say('version')).toMatch(old ? /Server Version: version.Info\{Major:"1", Minor:"35"/ : /Server Version: v1\.35\.\d+/);
    expect(await say('cluster-info')).toContain(`https://127.0.0.1:${cluster.port}`);
  });

  it.skipIf(missing)('asks who may do what', async () => {
    expect(await say('auth can-i create pods')).toBe('yes\n');
    expect(await hear('auth can-i create pods --as=jane')).toBe('no\nexit 1');
    expect(await say('auth can-i --list --as=jane')).toMatch(/selfsubjectaccessreviews\.authorization\.k8s\.io +\[\] +\[\] +\[create\]/);
    expect(await say('create role reader --verb=get,list --resource=pods')).toBe('role.rbac.authorization.k8s.io/reader created\n');
    expect(await say('create rolebinding readers --role=reader --user=jane')).toBe('rolebinding.rbac.authorization.k8s.io/readers created\n');
    expect(await say('auth can-i list pods --as=jane')).toBe('yes\n');
    expect(await hear('get secrets --as=jane')).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"\nexit 1',
    );
  });

  // kubectl 1.20 has none of these.
  if (!old)
    it.skipIf(missing)('makes tokens and says who it is', async () => {
      expect(await say('auth whoami')).toMatch(/Username +\S+\nGroups +\[.*system:masters.*\]/);
      const token = (await say('create token default --duration=20m')).trim();
      expect(await say(`auth whoami --token=${token} --client-certificate= --client-key=`)).toContain('kubernetes');
      expect(await hear('create token nobody')).toBe('error: failed to create token: serviceaccounts "nobody" not found\nexit 1');
    });

  it.skipIf(missing)('tries on the server without writing', async () => {
    expect(await say('create configmap dry --from-literal=a=b --dry-run=server')).toBe('configmap/dry created (server dry run)\n');
    expect(await hear('get configmap dry')).toBe('Error from server (NotFound): configmaps "dry" not found\nexit 1');
    expect(await say(`apply -f ${web} --dry-run=server`)).toBe(
      'deployment.apps/web configured (server dry run)\nconfigmap/settings unchanged (server dry run)\n',
    );
    expect(await hear('create namespace Wrong --dry-run=server')).toContain(
      'is invalid: metadata.name: Invalid value: "Wrong": a lowercase RFC 1123 label',
    );
  });

  it.skipIf(missing)('replaces, edits and patches', async () => {
    expect(await say(`replace -f ${web}`)).toBe('deployment.apps/web replaced\nconfigmap/settings replaced\n');
    expect(await say('edit configmap settings', { env: { KUBE_EDITOR: 'sed -i s/green/blue/' } })).toBe('configmap/settings edited\n');
    expect(await hear('edit configmap settings', { env: { KUBE_EDITOR: 'true' } })).toBe('Edit cancelled, no changes made.\n');
    expect(await say('get configmap settings -o jsonpath={.data.colour}')).toBe('blue');
    expect(await say('patch configmap settings --type=json -p [{"op":"add","path":"/data/size","value":"5"}]')).toBe('configmap/settings patched\n');
    expect(await say('patch configmap settings -p {"data":{"size":"5"}}')).toBe('configmap/settings patched (no change)\n');
    expect(await say(`replace --force -f ${web}`)).toMatch(/configmap "settings" deleted[\s\S]*configmap\/settings replaced\n$/);
  });

  it.skipIf(missing)('applies on the server, and names who is in the way', async () => {
    expect(await say('apply --server-side --field-manager=one -f -', { input: configMap('green') })).toBe('configmap/shared serverside-applied\n');
    const conflict = await hear('apply --server-side --field-manager=two -f -', { input: configMap('red') });
    expect(conflict).toMatch(/^error: Apply failed with 1 conflict: conflict with "one"( using v1)?: \.data\.colour\nPlease review the fields above/);
    expect(await say('apply --server-side --field-manager=two --force-conflicts -f -', { input: configMap('red') })).toBe(
      'configmap/shared serverside-applied\n',
    );
    expect(await say('get configmap shared -o jsonpath={.data.colour}')).toBe('red');
  });

  it.skipIf(missing)('kustomizes', async () => {
    const out = await say(`apply -k ${join(files, 'overlay')}`);
    expect(out).toMatch(/configmap\/over-generated-\w{10} created\n/);
    expect(out).toContain('deployment.apps/over-web created\n');
    expect((await say('get deployments,configmaps -l layer=overlay -o name')).trim().split('\n')).toHaveLength(3);
    expect(await say(`delete -k ${join(files, 'overlay')}`)).toContain('deployment.apps "over-web" deleted');
  });

  it.skipIf(missing)('speaks raw, and through its proxy', async () => {
    expect(JSON.parse(await say('get --raw /version'))).toMatchObject({ major: '1', minor: '35' });
    expect(await hear('get --raw /nowhere')).toBe('Error from server (NotFound): the server could not find the requested resource\nexit 1');
    const port = await freePort();
    const proxy = client.background(['proxy', `--port=${port}`]);
    try {
      await eventually(async () => expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()).toBe('ok'));
      const list = (await (await fetch(`http://127.0.0.1:${port}/apis/apps/v1/deployments?limit=1`)).json()) as { kind: string };
      expect(list.kind).toBe('DeploymentList');
    } finally {
      proxy.kill();
    }
  });

  it.skipIf(missing)('says what it cannot do', async () => {
    expect(await hear('top pods')).toBe('error: Metrics API not available\nexit 1');
    expect(await hear('get nothing')).toBe('error: the server doesn\'t have a resource type "nothing"\nexit 1');
    expect(await hear('create configmap settings')).toMatch(/configmaps "settings" already exists\nexit 1$/);
    expect(await hear('delete configmap nowhere')).toBe('Error from server (NotFound): configmaps "nowhere" not found\nexit 1');
    expect(await hear('logs nowhere')).toMatch(/rror from server \(NotFound\): pods "nowhere" not found/);
    expect(await hear('apply -f -', { input: 'kind: Deployment\napiVersion: apps/v2\nmetadata: {name: a}' })).toMatch(
      /no matches for kind "Deployment" in version "apps\/v2"/,
    );
  });

  it.skipIf(missing)('drains, cordons and taints', async () => {
    const node = (await say('get nodes -o jsonpath={.items[0].metadata.name}')).trim();
    expect(await say(`cordon ${node}`)).toBe(`node/${node} cordoned\n`);
    expect(await say(`get node ${node}`)).toContain('Ready,SchedulingDisabled');
    const drained = await say(`drain ${node} --ignore-daemonsets --timeout=30s`);
    expect(drained).toMatch(/evicting pod default\/web-/);
    expect(drained).toMatch(new RegExp(`node/${node} (drained|evicted)\\n$`));
    expect(await say(`uncordon ${node}`)).toBe(`node/${node} uncordoned\n`);
    expect(await say(`taint nodes ${node} example.com/full=yes:NoSchedule`)).toBe(`node/${node} tainted\n`);
    expect(await say(`taint nodes ${node} example.com/full-`)).toMatch(new RegExp(`^node/${node} untainted\\n$`));
  });

  it.skipIf(missing)('deletes, and waits for it', async () => {
    expect(await say(`delete -f ${web}`)).toMatch(/deployment\.apps "web" deleted.*\nconfigmap "settings" deleted.*\n/);
    await eventually(async () => expect(await say('get pods -o name')).toBe(''), { timeoutMs: 60_000 });
  });
});

const configMap = (colour: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared' }, data: { colour } });
