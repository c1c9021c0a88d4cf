// Addresses of services: the ServiceCIDRs say which there are, and an IPAddress object of that name holds each one that is taken,
// so that several API servers and people who reserve addresses never hand out the same one twice.
// Mirrors https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
import {
  type FieldError,
  field,
  formatIp,
  type IPAddress,
  ignoreNotFound,
  internalError,
  ipv4ToNumber,
  isAlreadyExists,
  numberToIpv4,
  parseIp,
  type Random,
  type Service,
  type ServiceCIDR,
} from '@steersman/api';
import type { Client } from '@steersman/client';
import type { Registry } from '../registry.js';
import { type ServiceRange, serviceRange } from './service-range.js';

const group = 'networking.k8s.io';
const managedBy = 'ipallocator.k8s.io';

export interface AddressBookTools {
  readonly random: Random;
  readonly registry: () => Registry;
  /** The API as the server itself. */
  readonly client: () => Client;
}

export class AddressBook {
  constructor(private readonly tools: AddressBookTools) {}

  /** Takes the address that the service asks for; says why it cannot have it. A dry run takes nothing. */
  async take(address: string, service: Service, dryRun: boolean): Promise<FieldError[]> {
    const refused = await this.refusal(address, service, dryRun);
    return refused === undefined ? [] : [field.invalid('spec.clusterIPs', [address], `failed to allocate IP ${address}: ${refused}`)];
  }

  /** Takes any free address. Throws 500 where there is none. */
  async takeAny(service: Service, dryRun: boolean): Promise<string> {
    const ranges = await this.ranges();
    if (dryRun && ranges[0]) return numberToIpv4(ranges[0].first - 1);
    for (const range of ranges) {
      const address = await this.takeFrom(range, service);
      if (address) return address;
    }
    throw internalError(new Error('failed to allocate a serviceIP: range is full'));
  }

  async release(address: string): Promise<void> {
    const ip = parseIp(address);
    if (ip)
      await this.tools
        .client()
        .delete('IPAddress', { name: formatIp(ip) })
        .catch(ignoreNotFound);
  }

  /** Writes down what a service holds; for services from before there were such objects. */
  async adopt(service: Service): Promise<void> {
    for (const address of addressesOf(service)) if (!this.isTaken(address)) await this.write(address, service);
  }

  /** Addresses that no service has, and since when they are taken. */
  orphans(): { readonly address: string; readonly since: string | undefined }[] {
    const services = this.tools.registry().stored('', 'services');
    return this.stored('ipaddresses').flatMap(({ object }) => {
      const { metadata, spec } = object as unknown as IPAddress;
      if (metadata.labels?.['ipaddress.kubernetes.io/managed-by'] !== managedBy || !metadata.name) return [];
      const owner = services.peek(spec?.parentRef?.namespace, spec?.parentRef?.name ?? '')?.object as unknown as Service | undefined;
      return owner && addressesOf(owner).includes(metadata.name) ? [] : [{ address: metadata.name, since: metadata.creationTimestamp }];
    });
  }

  private async refusal(address: string, service: Service, dryRun: boolean): Promise<string | undefined> {
    const ip = parseIp(address);
    if (ip?.bytes.length !== 4) return undefined; // what is no address here is for validation to tell
    const name = formatIp(ip);
    const value = ipv4ToNumber(name);
    const range = (await this.ranges()).find(({ first, last }) => value >= first - 1 && value <= last + 1);
    if (!range) return 'the provided network does not match the current range';
    if (value < range.first || value > range.last)
      return `the provided IP (${name}) is not in the valid range. The range of valid IPs is ${range.cidr}`;
    return dryRun || (await this.write(name, service)) ? undefined : 'provided IP is already allocated';
  }

  /** From a random place on; the low part of a range is for addresses that people choose. */
  private async takeFrom(range: ServiceRange, service: Service): Promise<string | undefined> {
    for (const { first, last } of [
      { first: range.firstDynamic, last: range.last },
      { first: range.first, last: range.firstDynamic - 1 },
    ]) {
      const size = last - first + 1;
      const start = Math.floor(this.tools.random.number() * size);
      for (let step = 0; step < size; step++) {
        const address = numberToIpv4(first + ((start + step) % size));
        if (!this.isTaken(address) && (await this.write(address, service))) return address;
      }
    }
    return undefined;
  }

  /** False where somebody has the address. */
  private async write(address: string, { metadata }: Service): Promise<boolean> {
    const object: IPAddress = {
      apiVersion: `${group}/v1`,
      kind: 'IPAddress',
      metadata: { name: address, labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': managedBy } },
      spec: { parentRef: { resource: 'services', namespace: metadata.namespace ?? '', name: metadata.name ?? '' } },
    };
    try {
      await this.tools.client().create(object);
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  private isTaken = (address: string): boolean => this.tools.registry().stored(group, 'ipaddresses').peek(undefined, address) !== undefined;

  private async ranges(): Promise<ServiceRange[]> {
    const resource = this.tools.registry().stored(group, 'servicecidrs');
    await resource.feed.caughtUp();
    return this.stored('servicecidrs').flatMap(({ object }) => {
      const { metadata, spec, status } = object as unknown as ServiceCIDR;
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      if (metadata.deletionTimestamp || (ready && ready.status !== 'True')) return [];
      return (spec?.cidrs ?? []).filter((cidr) => !cidr.includes(':')).map(serviceRange);
    });
  }

  private stored(resource: 'ipaddresses' | 'servicecidrs') {
    return [...this.tools.registry().stored(group, resource).cache.list()];
  }
}

const addressesOf = ({ spec }: Service): string[] =>
  (spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : [])).filter((address) => parseIp(address)?.bytes.length === 4);
