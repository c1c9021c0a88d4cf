// A whole API server as a process of its own, with its administrator's certificate at hand and its memory in sight.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { Cluster } from '../cluster.js';
import { type Identity, RawConnection } from './raw-connection.js';

export interface Reply {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export class HardServer {
  readonly cluster = new Cluster(['--only', 'api', '--store', 'memory', '--runtime', 'none']);
  private agent!: Agent;

  async up(): Promise<void> {
    await this.cluster.up();
    this.agent = new Agent({ keepAlive: true, rejectUnauthorized: false, ...this.identity });
  }

  get identity(): Required<Identity> {
    const file = (name: string): Buffer => readFileSync(join(this.cluster.dataDir, 'pki', name));
    return { port: this.cluster.port, cert: file('admin.crt'), key: file('admin.key') };
  }

  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.cluster.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }

  raw(): Promise<RawConnection> {
    return RawConnection.open(this.identity);
  }

  ask(method: string, path: string, body?: object | string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const bytes = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const { port } = this.cluster;
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, agent: this.agent, method, path, headers: { 'Content-Type': 'application/json', ...headers } });
      sent.once('error', reject);
      sent.once('response', (answer) => {
        let text = '';
        answer.on('data', (data: Buffer) => (text += data.toString()));
        answer.once('error', reject);
        answer.once('end', () => resolve({ code: answer.statusCode ?? 0, headers: answer.headers, text }));
      });
      sent.end(bytes);
    });
  }

  async createConfigMap(name: string, data: Readonly<Record<string, string>> = {}): Promise<void> {
    const { code, text } = await this.ask('POST', '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data,
    });
    if (code !== 201) throw new Error(text);
  }

  async down(): Promise<void> {
    this.agent.destroy();
    await this.cluster.destroy();
  }
}
