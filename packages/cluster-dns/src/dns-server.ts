// The DNS server: questions over UDP and TCP, answered from the cluster's zone or passed on.
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { Clock, Logger } from '@steersman/api';
import { aborted } from '@steersman/component-base';
import packet, {
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  type Answer as DnsAnswer,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { forward } from './forwarder.js';
import { answer, type ZoneRecord, type ZoneSource } from './zone.js';

export interface DnsServerOptions {
  readonly address: string;
  readonly port: number;
  readonly source: ZoneSource;
  readonly upstream: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called for each question answered, with the response's code. */
  onAnswer?(code: string): void;
}

const ttlSeconds = 5;
const plainUdpBytes = 512;
const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

export class DnsServer {
  constructor(private readonly options: DnsServerOptions) {}

  async run(signal: AbortSignal, ready: () => void): Promise<void> {
    const udp = createSocket({ type: 'udp4', reuseAddr: true });
    const tcp = createServer((socket) => this.serveTcp(socket));
    udp.on(
      'message',
      (query, { address, port }) => void this.respond(query, false).then((reply) => reply && udp.send(reply, port, address, () => {})),
    );
    udp.on('error', (err) => this.options.logger.warn('DNS socket failed', { err }));
    await Promise.all([bindUdp(udp, this.options), listenTcp(tcp, this.options)]);
    ready();
    await aborted(signal);
    udp.close();
    await new Promise((resolve) => tcp.close(resolve));
  }

  private serveTcp(socket: TcpSocket): void {
    let received = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        const query = received.subarray(2, 2 + length);
        received = received.subarray(2 + length);
        void this.respond(Buffer.from(query), true).then((reply) => {
          if (!reply || socket.destroyed) return;
          const size = Buffer.alloc(2);
          size.writeUInt16BE(reply.length);
          socket.write(Buffer.concat([size, reply]));
        });
      }
    });
  }

  private async respond(query: Buffer, tcp: boolean): Promise<Buffer | undefined> {
    let decoded: DecodedPacket;
    try {
      decoded = packet.decode(query);
    } catch {
      return undefined;
    }
    const [question] = decoded.questions ?? [];
    if (decoded.type !== 'query' || !question) return undefined;
    const outcome = answer(this.options.source, question.name, question.type);
    if (outcome.kind === 'foreign') return this.passOn(query, decoded, tcp);
    const code = outcome.kind === 'missing' ? codes.NXDOMAIN : codes.NOERROR;
    const answers = outcome.kind === 'found' ? shuffled(outcome.records).map(toDns) : [];
    const additionals = outcome.kind === 'found' ? (outcome.additional ?? []).map(toDns) : [];
    const authorities = answers.length ? [] : [this.soa()];
    const external = outcome.kind === 'found' ? await this.followed(outcome.records, question.type) : [];
    this.options.onAnswer?.(code === codes.NXDOMAIN ? 'NXDOMAIN' : 'NOERROR');
    return this.encode(decoded, { code, answers: [...answers, ...external], authorities, additionals, tcp, authoritative: true });
  }

  /** The addresses behind an external name, asked for elsewhere. */
  private async followed(records: readonly ZoneRecord[], type: string): Promise<DnsAnswer[]> {
    const [alias] = records;
    if (alias?.type !== 'CNAME' || type === 'CNAME' || typeof alias.data !== 'string') return [];
    const inside = answer(this.options.source, alias.data, type);
    if (inside.kind === 'found') return inside.records.map(toDns);
    if (inside.kind !== 'foreign') return [];
    const query = packet.encode({ type: 'query', id: 1, flags: RECURSION_DESIRED, questions: [{ type: type as 'A', name: alias.data }] });
    const reply = await forward(query, this.options.upstream, { clock: this.options.clock, tcp: false });
    return reply ? (packet.decode(reply).answers ?? []) : [];
  }

  private async passOn(query: Buffer, decoded: DecodedPacket, tcp: boolean): Promise<Buffer> {
    const reply = await forward(query, this.options.upstream, { clock: this.options.clock, tcp });
    if (reply) return reply;
    this.options.onAnswer?.('SERVFAIL');
    return this.encode(decoded, { code: codes.SERVFAIL, answers: [], authorities: [], additionals: [], tcp, authoritative: false });
  }

  private encode(
    query: DecodedPacket,
    {
      code,
      answers,
      authorities,
      additionals,
      tcp,
      authoritative,
    }: { code: number; answers: DnsAnswer[]; authorities: DnsAnswer[]; additionals: DnsAnswer[]; tcp: boolean; authoritative: boolean },
  ): Buffer {
    const flags = code | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED) | (authoritative ? AUTHORITATIVE_ANSWER : 0);
    const edns = (query.additionals ?? []).find(({ type }) => type === 'OPT') as { udpPayloadSize?: number } | undefined;
    const whole: Packet = { type: 'response', id: query.id ?? 0, flags, questions: query.questions ?? [], answers, authorities, additionals };
    const encoded = packet.encode(whole);
    if (tcp || encoded.length <= Math.max(plainUdpBytes, edns?.udpPayloadSize ?? 0)) return encoded;
    return packet.encode({ ...whole, flags: flags | TRUNCATED_RESPONSE, answers: [], authorities: [], additionals: [] });
  }

  private soa(): DnsAnswer {
    const { domain } = this.options.source;
    return {
      type: 'SOA',
      name: domain,
      ttl: ttlSeconds,
      data: { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: ttlSeconds },
    };
  }
}

function toDns({ name, type, data }: ZoneRecord): DnsAnswer {
  return { name, type, ttl: ttlSeconds, data } as DnsAnswer;
}

/** Rotates the records, so that clients that take the first spread out. */
let turn = 0;
function shuffled<T>(records: readonly T[]): T[] {
  if (records.length < 2) return [...records];
  turn = (turn + 1) % records.length;
  return [...records.slice(turn), ...records.slice(0, turn)];
}

const bindUdp = (socket: Socket, { address, port }: DnsServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', (cause) => reject(new Error(`listening on ${address}:${port}/udp`, { cause })));
    socket.bind(port, address, resolve);
  });

const listenTcp = (server: Server, { address, port }: DnsServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(`listening on ${address}:${port}/tcp`, { cause })));
    server.listen(port, address, resolve);
  });
