// What is checked of claims for devices, their templates and slices. CEL selectors are checked where they are compiled.
import { deepEqual } from '../../clone.js';
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required, tooMany } from '../../field-error.js';
import type {
  DeviceClaim,
  DeviceRequest,
  DeviceSelector,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
} from '../../gen/types.js';
import { cIdentifierErrors, dns1123LabelErrors, dns1123SubdomainErrors } from '../../names.js';
import { forEach, goStruct, invalidFor, unchanged } from '../field-checks.js';

const maxRequests = 32;
const allocationModes = ['All', 'ExactCount'];
const notARequest = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export const validateResourceClaim = ({ spec }: ResourceClaim): FieldError[] => deviceClaimErrors(spec?.devices ?? {}, 'spec.devices');
export const validateResourceClaimTemplate = ({ spec }: ResourceClaimTemplate): FieldError[] =>
  deviceClaimErrors(spec?.spec?.devices ?? {}, 'spec.spec.devices');

export const validateClaimUpdate = (claim: ResourceClaim | ResourceClaimTemplate, old: ResourceClaim | ResourceClaimTemplate): FieldError[] =>
  deepEqual(claim.spec, old.spec) ? [] : [invalid('spec', goStruct(claim.spec), 'field is immutable')];

const requestNames = ({ requests }: DeviceClaim): Set<string> =>
  new Set((requests ?? []).flatMap(({ name, firstAvailable }) => [name, ...(firstAvailable ?? []).map((one) => `${name}/${one.name}`)]));

/** What is allocated is fixed until it is given up, which nobody may do while the claim is reserved. */
export function validateResourceClaimStatus({ spec, status }: ResourceClaim, { status: old }: ResourceClaim): FieldError[] {
  const { allocation, reservedFor, devices } = status ?? {};
  const results = allocation?.devices?.results ?? [];
  const names = requestNames(spec.devices ?? {});
  const errors = forEach(results, 'status.allocation.devices.results', ({ request }, at) =>
    names.has(request) ? [] : [invalid(`${at}.request`, request, notARequest)],
  );
  if (allocation && old?.allocation && !deepEqual(allocation, old.allocation))
    errors.push(invalid('status.allocation', goStruct(allocation), 'field is immutable'));
  if (reservedFor?.length && !allocation) errors.push(forbiddenField('status.reservedFor', 'may not be specified when `allocated` is not set'));
  const isAllocated = (device: { driver: string; pool: string; device: string }): boolean =>
    results.some((one) => one.driver === device.driver && one.pool === device.pool && one.device === device.device);
  errors.push(
    ...forEach(devices, 'status.devices', (device, at) =>
      isAllocated(device) ? [] : [invalid(at, goStruct(device), 'must be an allocated device in the claim')],
    ),
  );
  return errors;
}

function deviceClaimErrors({ requests: given, constraints, config }: DeviceClaim, path: string): FieldError[] {
  const requests = given ?? [];
  const errors =
    requests.length > maxRequests ? [tooMany(`${path}.requests`, requests.length, maxRequests)] : uniqueRequests(requests, `${path}.requests`);
  const names = requestNames({ requests });
  const known = (name: string, at: string): FieldError[] => (names.has(name) ? [] : [invalid(at, name, notARequest)]);
  errors.push(
    ...forEach(constraints, `${path}.constraints`, ({ requests: named, matchAttribute }, at) => [
      ...forEach(named, `${at}.requests`, known),
      ...(matchAttribute === undefined ? [required(`${at}.matchAttribute`)] : attributeErrors(matchAttribute, `${at}.matchAttribute`)),
    ]),
    ...forEach(config, `${path}.config`, ({ requests: named, opaque }, at) => [
      ...forEach(named, `${at}.requests`, known),
      ...opaqueErrors(opaque, `${at}.opaque`),
    ]),
  );
  return errors;
}

function uniqueRequests(requests: readonly DeviceRequest[], path: string): FieldError[] {
  const names = new Set<string>();
  return forEach(requests, path, (request, at) => {
    const errors = requestErrors(request, at);
    if (names.has(request.name)) errors.push(duplicate(`${at}.name`, request.name));
    names.add(request.name);
    return errors;
  });
}

function requestErrors({ name, exactly, firstAvailable }: DeviceRequest, path: string): FieldError[] {
  const errors = name ? invalidFor(`${path}.name`, name, dns1123LabelErrors(name)) : [required(`${path}.name`)];
  const both = Boolean(exactly) && (firstAvailable ?? []).length > 0;
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  if (both) return [...errors, invalid(path, null, `${one}, but multiple fields are set`)];
  if (exactly) return [...errors, ...exactErrors(exactly, `${path}.exactly`)];
  if (!firstAvailable?.length) return [...errors, required(path, one)];
  return [
    ...errors,
    ...forEach(firstAvailable, `${path}.firstAvailable`, (sub, at) => [
      ...invalidFor(`${at}.name`, sub.name, dns1123LabelErrors(sub.name)),
      ...exactErrors(sub, at),
    ]),
  ];
}

function exactErrors(
  { deviceClassName, selectors, allocationMode, count = 0 }: Pick<ExactDeviceRequest, 'deviceClassName' | 'selectors' | 'allocationMode' | 'count'>,
  path: string,
): FieldError[] {
  const errors = deviceClassName
    ? invalidFor(`${path}.deviceClassName`, deviceClassName, dns1123SubdomainErrors(deviceClassName))
    : [required(`${path}.deviceClassName`)];
  errors.push(
    ...forEach(selectors, `${path}.selectors`, ({ cel }: DeviceSelector, at) =>
      cel ? (cel.expression ? [] : [required(`${at}.cel.expression`)]) : [required(`${at}.cel`)],
    ),
  );
  if (allocationMode === 'All') {
    if (count !== 0) errors.push(invalid(`${path}.count`, count, `must not be specified when allocationMode is 'All'`));
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(`${path}.count`, count, 'must be greater than zero'));
  } else errors.push(notSupported(`${path}.allocationMode`, allocationMode ?? '', allocationModes));
  return errors;
}

function attributeErrors(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  const [domain, id] = name.includes('/') ? [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)] : [undefined, name];
  if (domain === undefined) return [invalid(path, name, 'must include a domain')];
  return [...invalidFor(path, domain, dns1123SubdomainErrors(domain)), ...invalidFor(path, id, cIdentifierErrors(id))];
}

function opaqueErrors(opaque: OpaqueDeviceConfiguration | undefined, path: string): FieldError[] {
  if (!opaque) return [required(path)];
  const errors = driverErrors(opaque.driver, `${path}.driver`);
  const parameters = opaque.parameters as unknown;
  if (parameters === undefined || parameters === null) return [...errors, required(`${path}.parameters`)];
  const isObject = typeof parameters === 'object' && !Array.isArray(parameters);
  return isObject ? errors : [...errors, invalid(`${path}.parameters`, '<value omitted>', 'must be a valid JSON object')];
}

const driverErrors = (driver: string, path: string): FieldError[] =>
  driver ? invalidFor(path, driver, dns1123SubdomainErrors(driver)) : [required(path)];

const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;

export function validateResourceSlice({ spec }: ResourceSlice): FieldError[] {
  const errors = driverErrors(spec.driver, 'spec.driver');
  const { name = '', generation, resourceSliceCount } = spec.pool ?? {};
  if (!name) errors.push(required('spec.pool.name'));
  else for (const part of name.split('/')) errors.push(...invalidFor('spec.pool.name', part, dns1123SubdomainErrors(part)));
  if (resourceSliceCount <= 0) errors.push(invalid('spec.pool.resourceSliceCount', resourceSliceCount, 'must be greater than zero'));
  if (generation < 0) errors.push(invalid('spec.pool.generation', generation, 'must be greater than or equal to zero'));
  const given = places.filter((place) => spec[place] !== undefined && spec[place] !== false && spec[place] !== '');
  const one = `exactly one of ${places.map((place) => `\`${place}\``).join(', ')} is required`;
  if (given.length === 0) errors.push(required('spec', one));
  else if (given.length > 1)
    errors.push(invalid('spec', `{${given.map((place) => `\`${place}\``).join(', ')}}`, `${one}, but multiple fields are set`));
  const names = new Set<string>();
  return [
    ...errors,
    ...forEach(spec.devices, 'spec.devices', (device, at) => {
      const found = device.name ? invalidFor(`${at}.name`, device.name, dns1123LabelErrors(device.name)) : [required(`${at}.name`)];
      if (names.has(device.name)) found.push(duplicate(`${at}.name`, device.name));
      names.add(device.name);
      for (const [key, value] of Object.entries(device.attributes ?? {})) {
        const place = `${at}.attributes[${key}]`;
        const id = key.includes('/') ? key.slice(key.indexOf('/') + 1) : key;
        found.push(...invalidFor(place, id, cIdentifierErrors(id)));
        const kinds = Object.keys(value ?? {});
        if (kinds.length === 0) found.push(required(place, 'exactly one value must be specified'));
        else if (kinds.length > 1) found.push(invalid(place, goStruct(value), 'exactly one value must be specified'));
      }
      return found;
    }),
  ];
}

export const validateResourceSliceUpdate = (slice: ResourceSlice, old: ResourceSlice): FieldError[] => [
  ...validateResourceSlice(slice),
  ...unchanged('spec.driver', slice.spec.driver, old.spec.driver),
  ...unchanged('spec.pool.name', slice.spec.pool?.name, old.spec.pool?.name),
  ...unchanged('spec.nodeName', slice.spec.nodeName, old.spec.nodeName),
  ...unchanged('spec.nodeSelector', slice.spec.nodeSelector, old.spec.nodeSelector),
  ...unchanged('spec.allNodes', slice.spec.allNodes, old.spec.allNodes),
];
