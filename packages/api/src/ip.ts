// IP addresses and CIDR blocks: reading as upstream's legacy fields do (leading zeros allowed), canonical text, checks.

/** An address as its bytes (4 or 16; IPv4-mapped IPv6 counts as IPv4). */
export interface IpAddress {
  readonly bytes: readonly number[];
  /** Written as `::ffff:a.b.c.d`. */
  readonly mapped: boolean;
  /** An IPv4 part was written with leading zeros. */
  readonly leadingZeros: boolean;
}

export interface CidrBlock {
  readonly address: IpAddress;
  readonly length: number;
}

const invalidIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const invalidCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function ipv4Bytes(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]+$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.map(Number);
}

const hasLeadingZeros = (text: string): boolean => text.split('.').some((part) => part.length > 1 && part.startsWith('0'));

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const ipv4 = index === parts.length - 1 ? ipv4Bytes(part) : undefined;
      if (!ipv4) return undefined;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
    }
  }
  return bytes;
}

function ipv6Bytes(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!);
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const tail = groupsOf(halves[1]!);
  if (!tail || head.length + tail.length > 14 || halves[0]!.includes('.')) return undefined;
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

/** Reads an address; undefined where it is none. */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const bytes = ipv4Bytes(text);
    return bytes && { bytes, mapped: false, leadingZeros: hasLeadingZeros(text) };
  }
  const bytes = ipv6Bytes(text);
  if (!bytes) return undefined;
  const leadingZeros = text.includes('.') && hasLeadingZeros(text.slice(text.lastIndexOf(':') + 1));
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return { bytes: mapped ? bytes.slice(12) : bytes, mapped, leadingZeros };
}

export const isIpv6 = ({ bytes }: IpAddress): boolean => bytes.length === 16;

/** The canonical text: dotted quads, or RFC 5952. */
export function formatIp({ bytes }: Pick<IpAddress, 'bytes'>): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!);
  let [start, length] = [-1, 1];
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (end < 8 && groups[end] === 0) end++;
    if (end - index > length) [start, length] = [index, end - index];
    if (end > index) index = end;
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** Reads a CIDR block; undefined where it is none. */
export function parseCidr(text: string): CidrBlock | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (!address || !/^[0-9]{1,3}$/.test(lengthText)) return undefined;
  const length = Number(lengthText) - (address.mapped ? 96 : 0);
  return length < 0 || length > address.bytes.length * 8 ? undefined : { address, length };
}

/** The block's first address: what lies beyond the prefix is zero. */
export const networkOf = ({ address, length }: CidrBlock): number[] =>
  address.bytes.map((byte, index) => byte & (0xff << Math.max(0, Math.min(8, (index + 1) * 8 - length))) & 0xff);

/** `network/length`, canonical. */
export const formatCidr = (block: CidrBlock): string => `${formatIp({ bytes: networkOf(block) })}/${block.length}`;

export const cidrContains = (block: CidrBlock, ip: IpAddress): boolean =>
  block.address.bytes.length === ip.bytes.length && formatCidr({ address: ip, length: block.length }) === formatCidr(block);

/** An IPv4 address as a number, and back. */
export const ipv4ToNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export const numberToIpv4 = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** An IPv4 block as numbers: its first address, how many there are, and the length of its prefix. */
export function ipv4Block(cidr: string): { readonly first: number; readonly size: number; readonly bits: number } {
  const [address = '', length = '32'] = cidr.split('/');
  const bits = Number(length);
  const size = 2 ** (32 - bits);
  return { first: Math.floor(ipv4ToNumber(address) / size) * size, size, bits };
}

/** Fields that have always been lax: any address that can be read. */
export const legacyIpErrors = (text: string): string[] => (parseIp(text) ? [] : [invalidIp]);
export const legacyCidrErrors = (text: string): string[] => (parseCidr(text) ? [] : [invalidCidr]);

/** Newer fields: an address in its one canonical form. */
export function ipErrors(text: string): string[] {
  const ip = parseIp(text);
  if (!ip) return [invalidIp];
  const errors = [
    ...(ip.leadingZeros ? ['must not have leading 0s'] : []),
    ...(ip.mapped && !ip.leadingZeros ? ['must not be an IPv4-mapped IPv6 address'] : []),
  ];
  if (errors.length > 0) return errors;
  const canonical = formatIp(ip);
  return text === canonical ? [] : [`must be in canonical form ("${canonical}")`];
}

export function cidrErrors(text: string): string[] {
  const block = parseCidr(text);
  if (!block) return [invalidCidr];
  if (block.address.leadingZeros || /\/0[0-9]/.test(text)) return ['must not have leading 0s in IP or prefix length'];
  if (block.address.mapped) return ['must not have an IPv4-mapped IPv6 address'];
  if (networkOf(block).some((byte, index) => byte !== block.address.bytes[index])) return ['must not have bits set beyond the prefix length'];
  const canonical = formatCidr(block);
  return text === canonical ? [] : [`must be in canonical form ("${canonical}")`];
}
