// Addresses that cannot be an endpoint or an external address: unspecified, loopback, link-local.
import { type FieldError, invalid } from '../../field-error.js';
import { isIpv6, parseIp } from '../../ip.js';

export function specialIpErrors(text: string, path: string): FieldError[] {
  const ip = parseIp(text);
  if (!ip) return [invalid(path, text, 'must be a valid IP address')];
  const [first = 0, second = 0] = ip.bytes;
  const six = isIpv6(ip);
  const rest = ip.bytes.slice(0, -1).every((byte) => byte === 0);
  const last = ip.bytes.at(-1);
  if (ip.bytes.every((byte) => byte === 0)) return [invalid(path, text, `may not be unspecified (${text})`)];
  if (six ? rest && last === 1 : first === 127) return [invalid(path, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (six ? first === 0xfe && (second & 0xc0) === 0x80 : first === 169 && second === 254)
    return [invalid(path, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')];
  const multicast = six ? first === 0xff && (second & 0x0f) === 2 : first === 224 && second === 0 && ip.bytes[2] === 0;
  return multicast ? [invalid(path, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')] : [];
}
