// ConfigMaps and Secrets.

import { deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid, required, tooLong } from '../../field-error.js';
import type { ConfigMap, Secret } from '../../gen/types.js';
import { configMapKeyErrors } from '../../names.js';
import { invalidFor, unchanged } from '../field-checks.js';

const maxBytes = 1024 * 1024;
const whenImmutable = 'field is immutable when `immutable` is set';

const decodedLength = (base64: string): number => Buffer.byteLength(base64, 'base64');

export function configMapErrors({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...invalidFor(`data[${key}]`, key, configMapKeyErrors(key)));
    if (Object.hasOwn(binaryData, key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    size += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...invalidFor(`binaryData[${key}]`, key, configMapKeyErrors(key)));
    size += decodedLength(value);
  }
  return size > maxBytes ? [...errors, tooLong('[]', maxBytes)] : errors;
}

export function configMapUpdateErrors(configMap: ConfigMap, old: ConfigMap): FieldError[] {
  return [...frozenErrors(configMap, old, ['data', 'binaryData']), ...configMapErrors(configMap)];
}

function frozenErrors<T extends { immutable?: boolean }>(object: T, old: T, fields: readonly (keyof T & string)[]): FieldError[] {
  if (!old.immutable) return [];
  const errors = object.immutable ? [] : [forbiddenField('immutable', whenImmutable)];
  return [...errors, ...fields.filter((name) => !deepEqual(object[name], old[name])).map((name) => forbiddenField(name, whenImmutable))];
}

export function secretErrors(secret: Secret): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(secret.data ?? {})) {
    errors.push(...invalidFor(`data[${key}]`, key, configMapKeyErrors(key)));
    size += decodedLength(value);
  }
  if (size > maxBytes) errors.push(tooLong('data', maxBytes));
  return [...errors, ...secretTypeErrors(secret)];
}

function secretTypeErrors({ type, data = {}, metadata }: Secret): FieldError[] {
  const missing = (key: string): FieldError[] => (Object.hasOwn(data, key) ? [] : [required(`data[${key}]`)]);
  const json = (key: string): FieldError[] => (Object.hasOwn(data, key) ? jsonErrors(`data[${key}]`, data[key]!) : [required(`data[${key}]`)]);
  switch (type) {
    case 'kubernetes.io/service-account-token':
      return metadata.annotations?.['kubernetes.io/service-account.name']
        ? []
        : [required('metadata.annotations[kubernetes.io/service-account.name]')];
    case 'kubernetes.io/dockercfg':
      return json('.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return json('.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return 'username' in data || 'password' in data ? [] : [required('data[username]'), required('data[password]')];
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')];
    case 'kubernetes.io/tls':
      return [...missing('tls.crt'), ...missing('tls.key')];
    default:
      return [];
  }
}

function jsonErrors(path: string, base64: string): FieldError[] {
  const text = Buffer.from(base64, 'base64').toString();
  try {
    JSON.parse(text);
    return [];
  } catch {
    const first = text.trimStart()[0];
    const why = first === undefined ? 'unexpected end of JSON input' : `invalid character '${first}' looking for beginning of value`;
    return [invalid(path, '<secret contents redacted>', why)];
  }
}

export function secretUpdateErrors(secret: Secret, old: Secret): FieldError[] {
  return [...unchanged('type', secret.type, old.type), ...frozenErrors(secret, old, ['data']), ...secretErrors(secret)];
}
