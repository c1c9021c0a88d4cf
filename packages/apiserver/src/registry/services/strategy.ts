// Services: cluster addresses and node ports are allocated when a service is created or changes its type, and given back.
// Mirrors https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
import {
  dropTypeDependentFields,
  type FieldError,
  field,
  invalidObject,
  type Random,
  type Service,
  type ServicePort,
  type ServiceSpec,
} from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Strategy, StrategyTools } from '../strategy.js';
import type { AddressBook } from './address-book.js';
import { completeFamilies, mismatchedFamilies } from './ip-families.js';
import { NumberPool } from './number-pool.js';

export interface ServiceTools {
  readonly addresses: AddressBook;
  readonly nodePorts: { readonly first: number; readonly last: number };
  readonly random: Random;
}

const specOf = (object: ApiObject): ServiceSpec => (object as unknown as Service).spec ?? {};

const needsAddress = ({ type, clusterIP }: ServiceSpec): boolean => type !== 'ExternalName' && clusterIP !== 'None';

const hasAddress = (spec: ServiceSpec): spec is ServiceSpec & { clusterIP: string } => Boolean(spec.clusterIP) && spec.clusterIP !== 'None';

const needsNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);

const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';

const needsHealthCheckPort = ({ type, externalTrafficPolicy }: ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

/** What one request has taken, so that it can be given back if the request fails. */
interface Taken {
  readonly dryRun: boolean;
  readonly addresses: string[];
  readonly ports: number[];
}

export class ServiceStrategy implements Strategy {
  readonly returnsDeletedObject = true;
  readonly allowCreateOnUpdate = true;
  private readonly ports: NumberPool;
  private readonly taken = new WeakMap<ApiObject, Taken>();

  constructor(private readonly tools: ServiceTools) {
    this.ports = new NumberPool(tools.nodePorts, tools.random);
  }

  /** Marks the ports that an existing service holds. */
  adopt(object: ApiObject): void {
    for (const port of portsOf(specOf(object))) this.ports.take(port);
  }

  selectableFields(object: ApiObject): Readonly<Record<string, string>> {
    const { clusterIP = '', type = '' } = specOf(object);
    return { 'spec.clusterIP': clusterIP, 'spec.type': type };
  }

  async prepareForCreate(object: ApiObject, { dryRun }: StrategyTools): Promise<void> {
    const service = object as unknown as Service;
    service.status = { loadBalancer: {} };
    service.spec ??= {};
    const { spec } = service;
    if (spec.type === 'ExternalName') return;
    refuse(service, completeFamilies(spec));
    await this.allocate(service, undefined, dryRun);
  }

  async prepareForUpdate(object: ApiObject, old: ApiObject, { dryRun }: StrategyTools): Promise<void> {
    const service = object as unknown as Service;
    service.spec ??= {};
    const { spec } = service;
    const before = specOf(old);
    if (object['status']) object['status'] = structuredClone(object['status']);
    dropTypeDependentFields(service, old as unknown as Service);
    if (spec.type === 'ExternalName') {
      dropClusterFields(spec, before);
      return;
    }
    keepAddress(spec, before);
    refuse(service, mismatchedFamilies(spec));
    if (needsHealthCheckPort(spec) && !spec.healthCheckNodePort && before.healthCheckNodePort) spec.healthCheckNodePort = before.healthCheckNodePort;
    if (!mayHaveNodePorts(spec))
      for (const port of spec.ports ?? []) if (before.ports?.some((one) => one.nodePort === port.nodePort)) delete port.nodePort;
    reuseNodePorts(spec, before);
    await this.allocate(service, before, dryRun);
  }

  /** Gives back what a stored update no longer uses. */
  async afterUpdate(object: ApiObject, old: ApiObject): Promise<void> {
    const now = specOf(object);
    const before = specOf(old);
    const kept = new Set(portsOf(now));
    for (const port of portsOf(before)) if (!kept.has(port)) this.ports.release(port);
    if (hasAddress(before) && before.clusterIP !== now.clusterIP) await this.tools.addresses.release(before.clusterIP);
  }

  async afterDelete(object: ApiObject): Promise<void> {
    const spec = specOf(object);
    for (const port of portsOf(spec)) this.ports.release(port);
    if (hasAddress(spec)) await this.tools.addresses.release(spec.clusterIP);
  }

  async undo(object: ApiObject): Promise<void> {
    const taken = this.taken.get(object);
    this.taken.delete(object);
    for (const port of taken?.ports ?? []) this.ports.release(port);
    for (const address of taken?.addresses ?? []) await this.tools.addresses.release(address);
  }

  /** Takes the address and the ports that the service has not yet. Throws 422 where it cannot have them, and then took none. */
  private async allocate(service: Service, before: ServiceSpec | undefined, dryRun: boolean): Promise<void> {
    const object = service as unknown as ApiObject;
    const spec = service.spec ?? {};
    const taken: Taken = { dryRun, addresses: [], ports: [] };
    this.taken.set(object, taken);
    try {
      const changed = !spec.clusterIP || spec.clusterIP !== before?.clusterIP;
      const errors = changed ? await this.allocateAddress(service, taken) : [];
      refuse(service, [...errors, ...this.allocatePorts(spec, before, taken)]);
      if (dryRun) await this.undo(object);
    } catch (error) {
      await this.undo(object);
      throw error;
    }
  }

  private async allocateAddress(service: Service, { dryRun, addresses }: Taken): Promise<FieldError[]> {
    const { spec } = service;
    if (!spec || !needsAddress(spec)) return [];
    if (spec.clusterIP) {
      const errors = await this.tools.addresses.take(spec.clusterIP, service, dryRun);
      if (errors.length === 0 && !dryRun) addresses.push(spec.clusterIP);
      return errors;
    }
    spec.clusterIP = await this.tools.addresses.takeAny(service, dryRun);
    spec.clusterIPs = [spec.clusterIP];
    if (!dryRun) addresses.push(spec.clusterIP);
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
    return dryRun ? Math.max(this.tools.nodePorts.last + 1, ...ports) + 1 : this.ports.takeAny();
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
    const { first, last } = this.tools.nodePorts;
    if (!this.ports.has(nodePort))
      return [field.invalid(where, nodePort, `provided port is not in the valid range. The range of valid ports is ${first}-${last}`)];
    if (!this.ports.take(nodePort)) return [field.invalid(where, nodePort, 'provided port is already allocated')];
    taken.ports.push(nodePort);
    return [];
  }
}

function refuse({ metadata }: Service, errors: readonly FieldError[]): void {
  if (errors.length) throw invalidObject({ group: '', kind: 'Service' }, metadata.name ?? '', errors);
}

/** An update that says nothing of addresses and families keeps them. */
function keepAddress(spec: ServiceSpec, before: ServiceSpec): void {
  if (needsAddress(spec) && !spec.clusterIP && hasAddress(before) && before.type !== 'ExternalName') {
    spec.clusterIP = before.clusterIP;
    spec.clusterIPs ??= before.clusterIPs ?? [before.clusterIP];
  }
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  spec.ipFamilies ??= before.ipFamilies ?? ['IPv4'];
  spec.ipFamilyPolicy ??= before.ipFamilyPolicy ?? 'SingleStack';
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
