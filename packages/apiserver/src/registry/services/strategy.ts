// Services: cluster addresses and node ports are allocated when a service is created or changes its type, and given back.
// Mirrors https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
import {
  dropTypeDependentFields,
  type FieldError,
  field,
  invalidObject,
  ipv4ToNumber,
  numberToIpv4,
  type Random,
  type Service,
  type ServicePort,
  type ServiceSpec,
} from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Strategy, StrategyTools } from '../strategy.js';
import { addressRange, NumberPool } from './address-allocator.js';
import { completeFamilies } from './ip-families.js';

export interface ServiceRanges {
  readonly serviceCidr: string;
  readonly nodePorts: { readonly first: number; readonly last: number };
}

/** Automatic addresses come from above this part of the range, which is for chosen ones. */
const staticShare = (size: number): number => Math.min(Math.max(16, Math.floor(size / 16)), 256);

const specOf = (object: ApiObject): ServiceSpec => (object as unknown as Service).spec ?? {};

const needsAddress = ({ type, clusterIP }: ServiceSpec): boolean => type !== 'ExternalName' && clusterIP !== 'None';

const needsNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);

const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';

const needsHealthCheckPort = ({ type, externalTrafficPolicy }: ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** What one request has taken from the pools, so that it can be given back if the request fails. */
interface Taken {
  readonly dryRun: boolean;
  readonly addresses: number[];
  readonly ports: number[];
}

export class ServiceStrategy implements Strategy {
  readonly returnsDeletedObject = true;
  readonly allowCreateOnUpdate = true;
  private readonly addresses: NumberPool;
  private readonly ports: NumberPool;
  private readonly range: { first: number; last: number };
  private readonly taken = new WeakMap<ApiObject, Taken>();

  constructor(
    private readonly ranges: ServiceRanges,
    random: Random,
  ) {
    this.range = addressRange(ranges.serviceCidr);
    this.addresses = new NumberPool(this.range, random);
    this.ports = new NumberPool(ranges.nodePorts, random);
  }

  /** Marks what an existing service holds. */
  adopt(object: ApiObject): void {
    const spec = specOf(object);
    if (spec.clusterIP && spec.clusterIP !== 'None') this.addresses.take(ipv4ToNumber(spec.clusterIP));
    for (const port of portsOf(spec)) this.ports.take(port);
  }

  selectableFields(object: ApiObject): Readonly<Record<string, string>> {
    const { clusterIP = '', type = '' } = specOf(object);
    return { 'spec.clusterIP': clusterIP, 'spec.type': type };
  }

  prepareForCreate(object: ApiObject, tools: StrategyTools): void {
    const service = object as unknown as Service;
    service.status = { loadBalancer: {} };
    service.spec ??= {};
    const { spec } = service;
    if (spec.type === 'ExternalName') return;
    const taken = this.begin(object, tools.dryRun);
    this.fail(service, completeFamilies(spec));
    this.fail(service, [...this.allocateAddress(spec, taken), ...this.allocatePorts(spec, undefined, taken)]);
    if (tools.dryRun) this.giveBack(object);
  }

  prepareForUpdate(object: ApiObject, old: ApiObject, tools: StrategyTools): void {
    const service = object as unknown as Service;
    service.spec ??= {};
    const { spec } = service;
    const before = specOf(old);
    if (object['status']) object['status'] = structuredClone(object['status']);
    dropTypeDependentFields(service, old as unknown as Service);
    this.giveBack(object);
    const taken = this.begin(object, tools.dryRun);
    if (spec.type === 'ExternalName') dropClusterFields(spec, before);
    else {
      if (needsAddress(spec) && !spec.clusterIP && before.clusterIP && before.clusterIP !== 'None' && before.type !== 'ExternalName') {
        spec.clusterIP = before.clusterIP;
        spec.clusterIPs ??= before.clusterIPs ?? [before.clusterIP];
      }
      if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
      spec.ipFamilies ??= before.ipFamilies ?? ['IPv4'];
      spec.ipFamilyPolicy ??= before.ipFamilyPolicy ?? 'SingleStack';
      if (needsHealthCheckPort(spec) && !spec.healthCheckNodePort && before.healthCheckNodePort)
        spec.healthCheckNodePort = before.healthCheckNodePort;
      if (!mayHaveNodePorts(spec))
        for (const port of spec.ports ?? []) if (before.ports?.some((one) => one.nodePort === port.nodePort)) delete port.nodePort;
      reuseNodePorts(spec, before);
      const errors = spec.clusterIP === before.clusterIP ? [] : this.allocateAddress(spec, taken);
      this.fail(service, [...errors, ...this.allocatePorts(spec, before, taken)]);
    }
    if (tools.dryRun) this.giveBack(object);
  }

  /** Gives back what a stored update no longer uses. */
  afterUpdate(object: ApiObject, old: ApiObject): void {
    const now = specOf(object);
    const before = specOf(old);
    if (before.clusterIP && before.clusterIP !== 'None' && before.clusterIP !== now.clusterIP) this.addresses.release(ipv4ToNumber(before.clusterIP));
    const kept = new Set(portsOf(now));
    for (const port of portsOf(before)) if (!kept.has(port)) this.ports.release(port);
  }

  /** A create that failed, or a service that is gone. */
  release(object: ApiObject): void {
    if (this.taken.has(object)) {
      this.giveBack(object);
      return;
    }
    if (!Object.isFrozen(object)) return;
    const spec = specOf(object);
    if (spec.clusterIP && spec.clusterIP !== 'None') this.addresses.release(ipv4ToNumber(spec.clusterIP));
    for (const port of portsOf(spec)) this.ports.release(port);
  }

  private begin(object: ApiObject, dryRun: boolean): Taken {
    const taken: Taken = { dryRun, addresses: [], ports: [] };
    this.taken.set(object, taken);
    return taken;
  }

  private giveBack(object: ApiObject): void {
    const taken = this.taken.get(object);
    for (const address of taken?.addresses ?? []) this.addresses.release(address);
    for (const port of taken?.ports ?? []) this.ports.release(port);
    this.taken.delete(object);
  }

  private fail(service: Service, errors: readonly FieldError[]): void {
    if (errors.length === 0) return;
    this.giveBack(service as unknown as ApiObject);
    throw invalidObject({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors);
  }

  private allocateAddress(spec: ServiceSpec, taken: Taken): FieldError[] {
    if (!needsAddress(spec)) return [];
    if (spec.clusterIP) {
      const value = ipv4ToNumber(spec.clusterIP);
      const refuse = (why: string): FieldError[] => [
        field.invalid('spec.clusterIPs', [spec.clusterIP], `failed to allocate IP ${spec.clusterIP}: ${why}`),
      ];
      if (!/^\d+\.\d+\.\d+\.\d+$/.test(spec.clusterIP)) return [];
      if (!this.addresses.has(value))
        return refuse(`the provided IP (${spec.clusterIP}) is not in the valid range. The range of valid IPs is ${this.ranges.serviceCidr}`);
      if (!this.addresses.take(value)) return refuse('provided IP is already allocated');
      taken.addresses.push(value);
      return [];
    }
    const value = this.addresses.takeAny(this.range.first + staticShare(this.range.last - this.range.first)) ?? this.addresses.takeAny();
    if (value === undefined) return [field.invalid('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full')];
    taken.addresses.push(value);
    spec.clusterIP = numberToIpv4(value);
    spec.clusterIPs = [spec.clusterIP];
    return [];
  }

  private allocatePorts(spec: ServiceSpec, before: ServiceSpec | undefined, taken: Taken): FieldError[] {
    const errors: FieldError[] = [];
    const held = new Set(before ? portsOf(before) : []);
    const mine = new Map<number, Set<string>>();
    if (mayHaveNodePorts(spec))
      (spec.ports ?? []).forEach((port, index) => {
        if (port.nodePort) errors.push(...this.takePort(port, { index, held, mine, taken }));
        else if (needsNodePorts(spec)) {
          const shared = sharedPort(spec.ports ?? [], port);
          const value = shared ?? this.anyPort(taken);
          if (value === undefined) errors.push(field.invalid(`spec.ports[${index}].nodePort`, 0, 'failed to allocate a nodePort: range is full'));
          else {
            if (shared === undefined) taken.ports.push(value);
            port.nodePort = value;
            (mine.get(value) ?? mine.set(value, new Set()).get(value)!).add(port.protocol ?? 'TCP');
          }
        }
      });
    if (needsHealthCheckPort(spec) && !spec.healthCheckNodePort) {
      const value = this.anyPort(taken);
      if (value !== undefined) {
        taken.ports.push(value);
        spec.healthCheckNodePort = value;
      }
    } else if (spec.healthCheckNodePort && needsHealthCheckPort(spec) && !held.has(spec.healthCheckNodePort)) {
      if (this.ports.take(spec.healthCheckNodePort)) taken.ports.push(spec.healthCheckNodePort);
      else errors.push(field.invalid('spec.healthCheckNodePort', spec.healthCheckNodePort, 'provided port is already allocated'));
    }
    return errors;
  }

  /** A free port; a dry run only guesses, past the end of the range. */
  private anyPort({ dryRun, ports }: Taken): number | undefined {
    return dryRun ? Math.max(this.ranges.nodePorts.last + 1, ...ports) + 1 : this.ports.takeAny();
  }

  private takePort(
    { nodePort = 0, protocol = 'TCP' }: ServicePort,
    { index, held, mine, taken }: { index: number; held: Set<number>; mine: Map<number, Set<string>>; taken: Taken },
  ): FieldError[] {
    const where = `spec.ports[${index}].nodePort`;
    const protocols = mine.get(nodePort) ?? new Set<string>();
    const sharedWithMine = protocols.size > 0 && !protocols.has(protocol);
    mine.set(nodePort, protocols.add(protocol));
    if (held.has(nodePort) || sharedWithMine) return [];
    const { first, last } = this.ranges.nodePorts;
    if (!this.ports.has(nodePort))
      return [field.invalid(where, nodePort, `provided port is not in the valid range. The range of valid ports is ${first}-${last}`)];
    if (!this.ports.take(nodePort)) return [field.invalid(where, nodePort, 'provided port is already allocated')];
    taken.ports.push(nodePort);
    return [];
  }
}

function dropClusterFields(spec: ServiceSpec, before: ServiceSpec): void {
  if (spec.clusterIP === before.clusterIP) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  delete spec.ipFamilies;
  delete spec.ipFamilyPolicy;
  delete spec.internalTrafficPolicy;
  for (const port of spec.ports ?? []) delete port.nodePort;
}

/** Ports that an update leaves without a node port keep the one they had. */
function reuseNodePorts(spec: ServiceSpec, before: ServiceSpec): void {
  if (!needsNodePorts(spec)) return;
  const used = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    const same = before.ports?.find(
      (one) => one.port === port.port && (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP') && one.nodePort && !used.has(one.nodePort),
    );
    if (same?.nodePort) {
      port.nodePort = same.nodePort;
      used.add(same.nodePort);
    }
  }
}

/** The node port that the same port number has under another protocol, so that both share it. */
const sharedPort = (ports: readonly ServicePort[], { port, protocol = 'TCP' }: ServicePort): number | undefined =>
  ports.find((one) => one.port === port && (one.protocol ?? 'TCP') !== protocol && one.nodePort)?.nodePort;

const portsOf = (spec: ServiceSpec): number[] => [
  ...new Set([
    ...(spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : [])),
    ...(spec.healthCheckNodePort ? [spec.healthCheckNodePort] : []),
  ]),
];
