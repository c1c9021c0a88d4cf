// A cluster with every component as its own process: etcd, then each component with its own certificate, over gRPC.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, systemClock } from '@steersman/api';
import { kubeconfigText } from '@steersman/client';
import { createAuthority, issueCertificate, type KeyPair } from '@steersman/component-base';
import { freePort, steersman } from './cluster.js';
import { Kubectl } from './kubectl.js';
import { type Launch, launchProcess, type Running, startProcess } from './launch.js';
import { eventually } from './run.js';

const root = new URL('../..', import.meta.url).pathname;
const tools = { clock: systemClock, random: seededRandom(Number(process.hrtime.bigint() % 2n ** 31n)) };

const address =
  Object.entries(networkInterfaces())
    .filter(([name]) => !/^(lo|docker|steersman|veth|br-)/.test(name))
    .flatMap(([, entries]) => entries ?? [])
    .find(({ family }) => family === 'IPv4')?.address ?? '127.0.0.1';

/** The id by which `steersman reset` knows the containers of a data directory. */
const clusterIdOf = (dir: string): string => createHash('sha256').update(dir).digest('hex').slice(0, 12);

export class ApartCluster {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'steersman-e2e-apart-'));
  readonly kubectl = new Kubectl(join(this.dataDir, 'admin.conf'));
  private readonly running = new Map<string, { readonly flags: readonly string[]; process: Running }>();
  private etcd: Running | undefined;
  readonly node = hostname().toLowerCase();
  private ca!: KeyPair;
  private ports!: { api: number; grpc: number; etcd: number; peer: number; kubelet: number };

  /** Components are processes of this machine, unless something else starts them. */
  constructor(private readonly launch: Launch = launchProcess) {}

  async up(): Promise<void> {
    this.ca = await createAuthority('kubernetes', tools);
    this.ports = { api: await freePort(), grpc: await freePort(), etcd: await freePort(), peer: await freePort(), kubelet: await freePort() };
    writeFileSync(join(this.dataDir, 'ca.crt'), this.ca.cert);
    writeFileSync(join(this.dataDir, 'ca.key'), this.ca.key, { mode: 0o600 });
    const key = generateKeyPairSync('ec', {
      namedCurve: 'prime256v1',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey;
    writeFileSync(join(this.dataDir, 'sa.key'), key);
    await this.certificate('apiserver', 'kube-apiserver', { hosts: ['127.0.0.1', address, '10.96.0.1', 'localhost', 'kubernetes.default.svc'] });
    await this.certificate('kubelet-serving', `system:node:${this.node}`, { hosts: [this.node, address], organizations: ['system:nodes'] });
    await this.user('admin', 'kubernetes-admin', ['system:masters']);
    await this.user('controller-manager', 'system:kube-controller-manager');
    await this.user('scheduler', 'system:kube-scheduler');
    await this.user('kubelet', `system:node:${this.node}`, ['system:nodes']);
    await this.user('kube-proxy', 'system:kube-proxy');
    await this.user('cluster-dns', 'system:cluster-dns');
    this.startControlPlane();
    await eventually(() => this.kubectl.run('get --raw /readyz'), { timeoutMs: 30_000 });
    await this.kubectl.run(['apply', '-f', join(root, 'deploy/manifests/cluster-dns.yaml')]);
    this.startNode();
    await this.kubectl
      .run(`wait --for=condition=Ready node/${this.node} --timeout=60s`)
      .catch(async () => eventually(() => this.kubectl.run(`wait --for=condition=Ready node/${this.node} --timeout=5s`), { timeoutMs: 60_000 }));
    await this.startDns();
  }

  private startControlPlane(): void {
    const { api, grpc, etcd, peer } = this.ports;
    const file = (name: string): string => join(this.dataDir, name);
    this.etcd = startProcess('etcd', [
      '--data-dir',
      file('etcd'),
      '--listen-client-urls',
      `http://127.0.0.1:${etcd}`,
      '--advertise-client-urls',
      `http://127.0.0.1:${etcd}`,
      '--listen-peer-urls',
      `http://127.0.0.1:${peer}`,
      '--initial-advertise-peer-urls',
      `http://127.0.0.1:${peer}`,
      '--initial-cluster',
      `default=http://127.0.0.1:${peer}`,
    ]);
    this.start('apiserver', [
      '--secure-port',
      String(api),
      '--grpc-port',
      String(grpc),
      '--advertise-address',
      address,
      '--tls-cert-file',
      file('apiserver.crt'),
      '--tls-private-key-file',
      file('apiserver.key'),
      '--client-ca-file',
      file('ca.crt'),
      '--service-account-signing-key-file',
      file('sa.key'),
      '--etcd-servers',
      `http://127.0.0.1:${etcd}`,
    ]);
    const client = ['--api-grpc', `127.0.0.1:${grpc}`];
    this.start('controller-manager', [
      '--kubeconfig',
      file('controller-manager.conf'),
      ...client,
      '--root-ca-file',
      file('ca.crt'),
      '--cluster-signing-cert-file',
      file('ca.crt'),
      '--cluster-signing-key-file',
      file('ca.key'),
    ]);
    this.start('scheduler', ['--kubeconfig', file('scheduler.conf'), ...client]);
  }

  private startNode(): void {
    const { grpc, kubelet } = this.ports;
    const file = (name: string): string => join(this.dataDir, name);
    const client = ['--api-grpc', `127.0.0.1:${grpc}`];
    const socket = file('network.sock');
    this.start('overlay', [
      '--kubeconfig',
      file('kubelet.conf'),
      ...client,
      '--node-name',
      this.node,
      '--root-dir',
      file('overlay'),
      '--socket',
      socket,
    ]);
    this.start('kube-proxy', ['--kubeconfig', file('kube-proxy.conf'), ...client, '--hostname-override', this.node]);
    this.start('kubelet', [
      '--kubeconfig',
      file('kubelet.conf'),
      ...client,
      '--node-name',
      this.node,
      '--root-dir',
      file('kubelet'),
      '--cluster-id',
      clusterIdOf(this.dataDir),
      '--network-address',
      `unix:${socket}`,
      '--port',
      String(kubelet),
      '--healthz-port',
      '0',
      '--client-ca-file',
      file('ca.crt'),
      '--tls-cert-file',
      file('kubelet-serving.crt'),
      '--tls-private-key-file',
      file('kubelet-serving.key'),
    ]);
  }

  private async startDns(): Promise<void> {
    const gateway = await eventually(async () => {
      const cidr = await this.kubectl.run(['get', 'node', this.node, '-o', 'jsonpath={.spec.podCIDR}']);
      if (!cidr) throw new Error('the node has no range yet');
      return cidr.replace(/\.0\/\d+$/, '.1');
    });
    this.start('cluster-dns', [
      '--kubeconfig',
      join(this.dataDir, 'cluster-dns.conf'),
      '--api-grpc',
      `127.0.0.1:${this.ports.grpc}`,
      '--address',
      gateway,
    ]);
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [gateway], conditions: { ready: true } }],
      ports: [
        { name: 'dns', protocol: 'UDP', port: 53 },
        { name: 'dns-tcp', protocol: 'TCP', port: 53 },
      ],
    };
    await this.kubectl.run(['apply', '-f', '-'], { input: JSON.stringify(slice) });
  }

  private start(name: string, flags: readonly string[]): void {
    this.running.set(name, { flags, process: this.launch(name, flags) });
  }

  /** Kills a component without warning and starts it again. */
  async restart(name: string): Promise<void> {
    const component = this.running.get(name);
    if (!component) throw new Error(`no component is called ${name}`);
    await component.process.kill();
    component.process = this.launch(name, component.flags);
  }

  private async certificate(
    name: string,
    commonName: string,
    { hosts, organizations = [] }: { hosts: readonly string[]; organizations?: readonly string[] },
  ): Promise<void> {
    const pair = await issueCertificate(this.ca, { subject: { commonName, organizations }, hosts, usages: ['server', 'client'] }, tools);
    writeFileSync(join(this.dataDir, `${name}.crt`), pair.cert);
    writeFileSync(join(this.dataDir, `${name}.key`), pair.key, { mode: 0o600 });
  }

  private async user(name: string, commonName: string, organizations: readonly string[] = []): Promise<void> {
    const pair = await issueCertificate(this.ca, { subject: { commonName, organizations }, usages: ['client'] }, tools);
    writeFileSync(join(this.dataDir, `${name}.conf`), kubeconfigText({ server: `https://127.0.0.1:${this.ports.api}`, ca: this.ca.cert, ...pair }), {
      mode: 0o600,
    });
  }

  logs(): string {
    return [...this.running].map(([name, { process }]) => `== ${name}\n${process.log.split('\n').slice(-15).join('\n')}`).join('\n');
  }

  /** Kills every component. */
  async stop(): Promise<void> {
    for (const { process } of [...this.running.values()].reverse()) await process.kill();
    await this.etcd?.kill();
  }

  async destroy(): Promise<void> {
    await this.stop();
    mkdirSync(join(this.dataDir, 'pki'), { recursive: true });
    await steersman(['reset', '--data-dir', this.dataDir]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
