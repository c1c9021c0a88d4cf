// The API server that requests are thrown at: a process of its own, watched over, and put in order between rounds.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { Cluster } from '../cluster.js';
import { marker, problemOf } from './answers.js';
import { type Answer, exchange } from './exchange.js';
import { type FuzzRequest, namespace } from './requests.js';
import { crdGroup, widgetDefinition } from './sound-objects.js';

/** What generated objects of these kinds do to other requests goes on only until the round ends. */
const undone = [
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  `/api/v1/namespaces/${namespace}/resourcequotas`,
  `/api/v1/namespaces/${namespace}/limitranges`,
];

/** Whose objects pile up, as their names are generated. */
const piling = ['/api/v1/events', '/apis/events.k8s.io/v1/events'];

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'kept', annotations: { marker } }, stringData: { marker } };

export class FuzzedServer {
  readonly cluster = new Cluster(
    ['--only', 'api', '--store', 'memory', '--runtime', 'none'],
    ['--import', new URL('./prototype-guard.mjs', import.meta.url).href],
  );
  private admin!: Agent;
  private readonly anonymous = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 16 });

  async up(): Promise<void> {
    await this.cluster.up();
    const file = (name: string): Buffer => readFileSync(join(this.cluster.dataDir, 'pki', name));
    this.admin = new Agent({ keepAlive: true, rejectUnauthorized: false, cert: file('admin.crt'), key: file('admin.key'), maxSockets: 16 });
    for (const name of [namespace, 'kept'])
      await this.demand('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    for (const name of [namespace, 'kept'])
      await this.demand('POST', `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
    await this.demand('POST', '/api/v1/namespaces/kept/secrets', secret);
    await this.demand('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition);
  }

  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.cluster.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }

  send(request: FuzzRequest): Promise<Answer> {
    return exchange({ port: this.cluster.port, agent: request.caller === 'anonymous' ? this.anonymous : this.admin }, request);
  }

  /** What is wrong with the answer to a request, or that there is none. */
  async problemWith(request: FuzzRequest): Promise<string | undefined> {
    try {
      return problemOf(request, await this.send(request));
    } catch (error) {
      // A request that HTTP itself does not allow never leaves the client, and one that the server cuts off it may say so.
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ERR_INVALID_CHAR' || code === 'ERR_UNESCAPED_CHARACTERS' || code === 'ERR_HTTP_INVALID_HEADER_VALUE') return undefined;
      return `no answer: ${code ?? ''} ${message}; ${this.cluster.log.slice(-500)}`;
    }
  }

  /** Takes away what would bear on the next round. */
  async tidy(): Promise<void> {
    for (const path of [...undone, ...piling]) await this.ask('DELETE', path);
    await this.ask('DELETE', `/apis/${crdGroup}/v1/namespaces/${namespace}/widgets`);
    for (const kind of [
      'flowcontrol.apiserver.k8s.io/v1/flowschemas',
      'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
      'networking.k8s.io/v1/servicecidrs',
    ])
      for (const name of ['a', 'b', 'c']) await this.ask('DELETE', `/apis/${kind}/${name}`);
    await this.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition);
  }

  /** Resources whose cache shows something else than the store at the same revision. */
  async disagreements(): Promise<string[]> {
    const wrong: string[] = [];
    for (const path of await this.lists()) {
      const cached = listOf(await this.ask('GET', `${path}?resourceVersion=0`));
      const revision = listOf(await this.ask('GET', path)).metadata?.resourceVersion ?? '';
      const stored = listOf(await this.ask('GET', `${path}?resourceVersion=${revision}&resourceVersionMatch=Exact`));
      if (JSON.stringify(cached.items) !== JSON.stringify(stored.items)) wrong.push(path);
    }
    return wrong;
  }

  private async lists(): Promise<string[]> {
    const found: string[] = [];
    const groups = listOf(await this.ask('GET', '/apis')).groups ?? [];
    const roots = ['/api/v1', ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`))];
    for (const root of roots)
      for (const { name, verbs } of listOf(await this.ask('GET', root)).resources ?? [])
        if (verbs.includes('watch') && !name.includes('/')) found.push(`${root}/${name}`);
    return found;
  }

  private async demand(method: string, path: string, object: object): Promise<void> {
    const { code, bytes } = await this.ask(method, path, object);
    if (code > 299) throw new Error(`${method} ${path}: ${bytes.toString()}`);
  }

  ask(method: string, path: string, object?: object): Promise<Answer> {
    const body = object ? Buffer.from(JSON.stringify(object)).toString('latin1') : '';
    return this.send({ caller: 'admin', method, path, headers: object ? [['Content-Type', 'application/json']] : [], body });
  }

  async down(): Promise<void> {
    await this.cluster.destroy();
    this.admin.destroy();
    this.anonymous.destroy();
  }
}

interface Listed {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly items?: unknown[];
  readonly groups?: { versions: { groupVersion: string }[] }[];
  readonly resources?: { name: string; verbs: string[] }[];
}

const listOf = ({ bytes }: Answer): Listed => JSON.parse(bytes.toString()) as Listed;
