// ip(), cidr() and what addresses and blocks can do.
// Mirrors https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library
import { type CidrBlock, cidrContains, formatIp, type IpAddress, isIpv6, networkOf, parseCidr, parseIp } from '@steersman/api';
import { FunctionError } from '../expression-error.js';
import { functions, int, type Library, namespace } from './library.js';

export class Ip {
  constructor(readonly address: IpAddress) {}

  get text(): string {
    return formatIp(this.address);
  }

  equals(other: unknown): boolean {
    return other instanceof Ip && other.text === this.text;
  }
}

export class Cidr {
  constructor(readonly block: CidrBlock) {}

  get text(): string {
    return `${formatIp(this.block.address)}/${this.block.length}`;
  }

  equals(other: unknown): boolean {
    return other instanceof Cidr && other.text === this.text;
  }
}

const quoted = (text: string): string => JSON.stringify(text);

/** Go's strict parser: no leading zeros, no zones, and no IPv4 in IPv6's clothes. */
function ip(text: string): Ip {
  if (text.includes('%')) throw new FunctionError(`IP address ${quoted(text)} with zone value is not allowed`);
  const address = parseIp(text);
  if (!address || address.leadingZeros)
    throw new FunctionError(`IP Address ${quoted(text)} parse error during conversion from string: ParseAddr(${quoted(text)}): unable to parse IP`);
  if (address.mapped) throw new FunctionError(`IPv4-mapped IPv6 address ${quoted(text)} is not allowed`);
  return new Ip(address);
}

function cidr(text: string): Cidr {
  const block = parseCidr(text);
  if (!block || block.address.leadingZeros || /\/0\d/.test(text))
    throw new FunctionError(`network address parse error during conversion from string: netip.ParsePrefix(${quoted(text)}): no '/'`);
  if (block.address.mapped) throw new FunctionError(`IPv4-mapped IPv6 address ${quoted(text)} is not allowed`);
  return new Cidr(block);
}

const reads = (parse: (text: string) => unknown) => (text: string) => {
  try {
    parse(text);
    return true;
  } catch (error) {
    if (error instanceof FunctionError) return false;
    throw error;
  }
};

const masked = ({ block }: Cidr): Cidr => new Cidr({ ...block, address: { ...block.address, bytes: networkOf(block) } });

const family = ({ address }: Ip): number => (isIpv6(address) ? 6 : 4);
const bytesOf = ({ address }: Ip): readonly number[] => address.bytes;

const isLoopback = (one: Ip): boolean => (family(one) === 4 ? bytesOf(one)[0] === 127 : one.text === '::1');
const isUnspecified = (one: Ip): boolean => bytesOf(one).every((byte) => byte === 0);

function isLinkLocal(one: Ip, multicast: boolean): boolean {
  const [first = 0, second = 0, third = 0] = bytesOf(one);
  if (family(one) === 4) return multicast ? first === 224 && second === 0 && third === 0 : first === 169 && second === 254;
  return multicast ? first === 0xff && (second & 0x0f) === 2 : first === 0xfe && (second & 0xc0) === 0x80;
}

function isGlobalUnicast(one: Ip): boolean {
  const [first = 0] = bytesOf(one);
  const multicast = family(one) === 4 ? first >= 224 && first <= 239 : first === 0xff;
  const broadcast = one.text === '255.255.255.255';
  return !multicast && !broadcast && !isUnspecified(one) && !isLoopback(one) && !isLinkLocal(one, false);
}

/** A block contains another where it is not longer and has its first address. */
const containsCidr = (outer: Cidr, inner: Cidr): boolean =>
  outer.block.length <= inner.block.length && cidrContains(outer.block, masked(inner).block.address);

export const addressLibrary: Library = (environment) => {
  const [ipName, cidrName] = ['net.IP', 'net.CIDR'];
  environment.registerType(ipName, Ip);
  environment.registerType(cidrName, Cidr);
  environment.registerOperator(`${ipName} == ${ipName}`, (a: Ip, b: Ip) => a.equals(b));
  environment.registerOperator(`${cidrName} == ${cidrName}`, (a: Cidr, b: Cidr) => a.equals(b));
  namespace(environment, 'ip', 'IpNamespace');
  functions(environment, {
    [`ip(string): ${ipName}`]: ip,
    'isIP(string): bool': reads(ip),
    'IpNamespace.isCanonical(string): bool': (_: unknown, text: string) => ip(text).text === text,
    [`string(${ipName}): string`]: (one: Ip) => one.text,
    [`${ipName}.family(): int`]: (one: Ip) => int(family(one)),
    [`${ipName}.isUnspecified(): bool`]: isUnspecified,
    [`${ipName}.isLoopback(): bool`]: isLoopback,
    [`${ipName}.isLinkLocalMulticast(): bool`]: (one: Ip) => isLinkLocal(one, true),
    [`${ipName}.isLinkLocalUnicast(): bool`]: (one: Ip) => isLinkLocal(one, false),
    [`${ipName}.isGlobalUnicast(): bool`]: isGlobalUnicast,
    [`cidr(string): ${cidrName}`]: cidr,
    'isCIDR(string): bool': reads(cidr),
    [`string(${cidrName}): string`]: (one: Cidr) => one.text,
    [`${cidrName}.containsIP(string): bool`]: (one: Cidr, text: string) => cidrContains(one.block, ip(text).address),
    [`${cidrName}.containsIP(${ipName}): bool`]: (one: Cidr, other: Ip) => cidrContains(one.block, other.address),
    [`${cidrName}.containsCIDR(string): bool`]: (one: Cidr, text: string) => containsCidr(one, cidr(text)),
    [`${cidrName}.containsCIDR(${cidrName}): bool`]: containsCidr,
    [`${cidrName}.ip(): ${ipName}`]: ({ block }: Cidr) => new Ip(block.address),
    [`${cidrName}.prefixLength(): int`]: ({ block }: Cidr) => int(block.length),
    [`${cidrName}.masked(): ${cidrName}`]: masked,
  });
};
