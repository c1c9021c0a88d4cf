// The operator of e2e/clients/manager: its certificates, its kind and webhooks, and its process.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { seededRandom, systemClock } from '@steersman/api';
import { createAuthority, issueCertificate } from '@steersman/component-base';
import { type Cluster, freePort } from './cluster.js';
import { type Running, startProcess } from './launch.js';
import { eventually } from './run.js';

const manifests = new URL('../clients/manager/manifests.yaml', import.meta.url).pathname;

export class Operator {
  private readonly certs: string;
  private port = 0;
  private running: Running | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly program: string,
  ) {
    this.certs = join(cluster.dataDir, 'webhook-certs');
  }

  /** Makes its certificates and applies its manifests. */
  async install(): Promise<void> {
    const tools = { clock: systemClock, random: seededRandom(Number(process.hrtime.bigint() % 2n ** 31n)) };
    const authority = await createAuthority('webhooks-ca', tools);
    const pair = await issueCertificate(authority, { subject: { commonName: 'webhooks' }, hosts: ['127.0.0.1'], usages: ['server'] }, tools);
    mkdirSync(this.certs);
    writeFileSync(join(this.certs, 'tls.crt'), pair.cert);
    writeFileSync(join(this.certs, 'tls.key'), pair.key);
    this.port = await freePort();
    const text = readFileSync(manifests, 'utf8')
      .replaceAll('$URL', `https://127.0.0.1:${this.port}`)
      .replaceAll('$CA', Buffer.from(authority.cert).toString('base64'));
    await this.cluster.kubectl.run(['apply', '-f', '-'], { input: text });
    await this.cluster.kubectl.run('wait --for=condition=Established crd/websites.web.example.com');
  }

  /** Starts it; resolves once its webhooks listen. */
  async start(): Promise<void> {
    const flags = ['--kubeconfig', this.cluster.kubectl.kubeconfig, '--certs', this.certs, '--webhook-port', String(this.port)];
    this.running = startProcess(this.program, flags);
    await eventually(() => this.listening());
  }

  async kill(): Promise<void> {
    await this.running?.kill();
  }

  get log(): string {
    return this.running?.log ?? '';
  }

  private listening(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });
  }
}
