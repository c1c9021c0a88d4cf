// Names that have a domain in front, such as `example.com/controller`.
import { type FieldError, invalid, required } from '../field-error.js';
import { dns1123SubdomainErrors, patternMessage, qualifiedNameErrors } from '../names.js';
import { invalidFor } from './field-checks.js';

const urlPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** A domain, a slash, and a path. */
export function domainPathErrors(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1) return [invalid(path, name, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const [host, rest] = [name.slice(0, slash), name.slice(slash + 1)];
  const errors = invalidFor(path, host, dns1123SubdomainErrors(host));
  return new RegExp(`^${urlPath}$`).test(rest) ? errors : [...errors, invalid(path, rest, patternMessage('Invalid path', urlPath))];
}

/** A qualified name that has to have its domain. */
export function domainKeyErrors(key: string, path: string): FieldError[] {
  if (!key) return [required(path)];
  const errors = invalidFor(path, key, qualifiedNameErrors(key));
  return errors.length > 0 || key.includes('/') ? errors : [invalid(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')];
}

/** A domain of at least so many parts. */
export function domainErrors(name: string, parts: number, path: string): FieldError[] {
  if (!name) return [required(path)];
  const wrong = dns1123SubdomainErrors(name);
  if (wrong.length > 0) return [invalid(path, name, wrong.join(','))];
  const count = parts === 3 ? 'three' : 'two';
  return name.split('.').length < parts ? [invalid(path, name, `should be a domain with at least ${count} segments separated by dots`)] : [];
}
