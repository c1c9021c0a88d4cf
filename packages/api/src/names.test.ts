import { describe, expect, it } from 'vitest';
import { cidrErrors, formatIp, ipErrors, legacyIpErrors, parseIp } from './ip.js';
import { configMapKeyErrors, dns1123LabelErrors, portNameErrors, qualifiedNameErrors } from './names.js';

describe('names', () => {
  it('says what is wrong in the words of upstream', () => {
    expect(dns1123LabelErrors('my-name')).toEqual([]);
    expect(dns1123LabelErrors('a.b')).toEqual(['must not contain dots']);
    expect(dns1123LabelErrors('A')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(qualifiedNameErrors('example.com/')).toHaveLength(2);
    expect(configMapKeyErrors('..x')).toEqual(["must not start with '..'"]);
    expect(portNameErrors('http--1-')).toEqual(['must not contain consecutive hyphens', 'must not begin or end with a hyphen']);
  });

  it('reads addresses', () => {
    expect(legacyIpErrors('010.0.0.1')).toEqual([]);
    expect(ipErrors('010.0.0.1')).toEqual(['must not have leading 0s']);
    expect(ipErrors('2001:DB8::1')).toEqual(['must be in canonical form ("2001:db8::1")']);
    expect(formatIp(parseIp('2001:db8:0:0:1:0:0:1')!)).toBe('2001:db8::1:0:0:1');
    expect(formatIp(parseIp('::')!)).toBe('::');
    expect(parseIp('1.2.3')).toBeUndefined();
    expect(cidrErrors('10.0.0.1/8')).toEqual(['must not have bits set beyond the prefix length']);
    expect(cidrErrors('10.0.0.0/33')).toEqual(['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']);
  });
});
