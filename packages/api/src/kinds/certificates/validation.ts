// What is checked of certificate signing requests.
import { deepEqual } from '../../clone.js';
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required, tooLong } from '../../field-error.js';
import type { CertificateSigningRequest } from '../../gen/types.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../names.js';
import { forEach, unchanged } from '../field-checks.js';

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const legacySigner = 'kubernetes.io/legacy-unknown';
const maxSignerLength = 253 + 1 + 253 + 1 + 63;
const shortest = 600;

export function validateSigningRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const errors = requestErrors(spec.request ?? '');
  if (!spec.usages?.length) errors.push(required('spec.usages'));
  errors.push(
    ...forEach(spec.usages, 'spec.usages', (usage, at, index) => {
      if (!usages.includes(usage)) return [notSupported(at, usage, usages)];
      return spec.usages!.indexOf(usage) < index ? [duplicate(at, usage)] : [];
    }),
  );
  if (spec.signerName === legacySigner)
    errors.push(invalid('spec.signerName', spec.signerName, 'the legacy signerName is not allowed via this API version'));
  else errors.push(...signerErrors(spec.signerName ?? ''));
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < shortest)
    errors.push(invalid('spec.expirationSeconds', spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)'));
  return errors;
}

function requestErrors(base64: string): FieldError[] {
  const text = Buffer.from(base64, 'base64').toString();
  return /-----BEGIN CERTIFICATE REQUEST-----[\s\S]+-----END CERTIFICATE REQUEST-----/.test(text)
    ? []
    : [invalid('spec.request', base64, 'PEM block type must be CERTIFICATE REQUEST')];
}

const wantedForm = "must be a fully qualified domain and path of the form 'example.com/signer-name'";

export function signerErrors(name: string, path = 'spec.signerName'): FieldError[] {
  if (!name) return [required(path)];
  const segments = name.split('/');
  if (segments.length !== 2) return [invalid(path, name, wantedForm)];
  const [domain = '', rest = ''] = segments;
  const errors = dns1123SubdomainErrors(domain).map((message) => invalid(path, domain, `validating label ${JSON.stringify(domain)}: ${message}`));
  if (errors.length > 0) return errors;
  if (domain.split('.').length < 2) errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  for (const [index, part] of domain.split('.').entries())
    for (const message of index === 0 ? [] : dns1123LabelErrors(part))
      errors.push(invalid(path, domain, `validating label ${JSON.stringify(part)}: ${message}`));
  for (const part of rest.split('.'))
    for (const message of dns1123SubdomainErrors(part)) errors.push(invalid(path, rest, `validating label ${JSON.stringify(part)}: ${message}`));
  if (name.length > maxSignerLength) errors.push(tooLong(path, maxSignerLength));
  return errors;
}

export function validateSigningRequestStatus({ status }: CertificateSigningRequest, { status: old }: CertificateSigningRequest): FieldError[] {
  const [now, before] = [status?.conditions ?? [], old?.conditions ?? []];
  const errors: FieldError[] = [];
  for (const type of ['Approved', 'Denied', 'Failed']) {
    const has = (list: typeof now): boolean => list.some((condition) => condition.type === type);
    if (has(before) && !has(now)) errors.push(forbiddenField('status.conditions', `updates may not remove a condition of type "${type}"`));
  }
  errors.push(
    ...forEach(now, 'status.conditions', ({ type, status: state }, at) => {
      if (!type) return [required(`${at}.type`)];
      const terminal = ['Approved', 'Denied', 'Failed'].includes(type);
      if (!state) return [required(`${at}.status`)];
      if (terminal && state !== 'True') return [notSupported(`${at}.status`, state, ['True'])];
      return ['True', 'False', 'Unknown'].includes(state) ? [] : [notSupported(`${at}.status`, state, ['True', 'False', 'Unknown'])];
    }),
  );
  if (now.some(({ type }) => type === 'Approved') && now.some(({ type }) => type === 'Denied'))
    errors.push(invalid('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive'));
  if (status?.certificate && status.certificate !== old?.certificate) {
    const text = Buffer.from(status.certificate, 'base64').toString();
    if (!/-----BEGIN CERTIFICATE-----/.test(text))
      errors.push(invalid('status.certificate', '<certificate data>', 'must contain at least one CERTIFICATE PEM block'));
  }
  return errors;
}

export const validateSigningRequestUpdate = (request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] =>
  deepEqual(request.spec, old.spec) ? [] : [...unchanged('spec', request.spec, old.spec), ...validateSigningRequest(request)];
