// What is checked of storage and attributes classes, CSI drivers and nodes, attachments and capacities.
import { deepEqual } from '../../clone.js';
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../field-error.js';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../gen/types.js';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../names.js';
import { forEach, goStruct, invalidFor, oneOf, requiredOneOf, unchanged } from '../field-checks.js';
import { csiDriverNameErrors } from '../pod/block-volume-validation.js';
import { notNegativeQuantity } from '../resource-names.js';
import { notNegative, validateSelector } from '../selector-validation.js';

const maxParameters = 512;
const maxParametersBytes = 256 * 1024;

const provisionerErrors = (name: string, path: string): FieldError[] =>
  name ? invalidFor(path, name.toLowerCase(), qualifiedNameErrors(name.toLowerCase())) : [required(path)];

function parametersErrors(parameters: Readonly<Record<string, string>> | undefined, mayBeEmpty: boolean): FieldError[] {
  const entries = Object.entries(parameters ?? {});
  if (entries.length > maxParameters)
    return [{ field: 'parameters', reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxParameters} bytes` }];
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const errors = entries.some(([key]) => key === '') ? [invalid('parameters', '', 'field can not be empty.')] : [];
  if (size > maxParametersBytes)
    errors.push({ field: 'parameters', reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxParametersBytes} bytes` });
  return !mayBeEmpty && entries.length === 0 ? [...errors, required('parameters', 'must contain at least one key/value pair')] : errors;
}

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies } = storageClass;
  return [
    ...provisionerErrors(provisioner, 'provisioner'),
    ...parametersErrors(parameters, true),
    ...oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...requiredOneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...forEach(allowedTopologies, 'allowedTopologies', ({ matchLabelExpressions }, at) =>
      forEach(matchLabelExpressions, `${at}.matchLabelExpressions`, ({ key, values }, one) => [
        ...(values?.length ? [] : [required(`${one}.values`)]),
        ...forEach(values, `${one}.values`, (value, place, index) => (values.indexOf(value) < index ? [duplicate(place, value)] : [])),
        ...invalidFor(`${one}.key`, key, qualifiedNameErrors(key)),
      ]),
    ),
  ];
}

const forbidden = (field: string): FieldError => forbiddenField(field, `updates to ${field} are forbidden.`);

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors = (['parameters', 'provisioner', 'reclaimPolicy'] as const)
    .filter((name) => !deepEqual(storageClass[name] ?? {}, old[name] ?? {}))
    .map(forbidden);
  return [...errors, ...unchanged('volumeBindingMode', storageClass.volumeBindingMode, old.volumeBindingMode)];
}

export const validateAttributesClass = ({ driverName, parameters }: VolumeAttributesClass): FieldError[] => [
  ...provisionerErrors(driverName, 'driverName'),
  ...parametersErrors(parameters, false),
];

export const validateAttributesClassUpdate = (attributes: VolumeAttributesClass, old: VolumeAttributesClass): FieldError[] => [
  ...unchanged('driverName', attributes.driverName, old.driverName),
  ...(deepEqual(attributes.parameters, old.parameters) ? [] : [forbidden('parameters')]),
];

export function validateCsiDriver({ metadata, spec }: CSIDriver): FieldError[] {
  const errors = csiDriverNameErrors(metadata.name, 'metadata.name').filter(({ reason }) => reason === 'FieldValueTooLong');
  for (const name of ['attachRequired', 'podInfoOnMount', 'storageCapacity'] as const)
    if (spec[name] === undefined) errors.push(required(`spec.${name === 'attachRequired' ? 'attachedRequired' : name}`));
  errors.push(...oneOf('spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']));
  const seen = new Set<string>();
  errors.push(
    ...forEach(spec.tokenRequests, 'spec.tokenRequests', ({ audience = '', expirationSeconds }, at) => {
      if (seen.has(audience)) return [duplicate(`${at}.audience`, audience)];
      seen.add(audience);
      if (expirationSeconds === undefined) return [];
      if (expirationSeconds < 600) return [invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes')];
      return expirationSeconds > 2 ** 32
        ? [invalid(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
        : [];
    }),
  );
  for (const mode of spec.volumeLifecycleModes ?? []) errors.push(...oneOf('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']));
  return errors;
}

export const validateCsiDriverUpdate = (driver: CSIDriver, old: CSIDriver): FieldError[] => [
  ...validateCsiDriver(driver),
  ...unchanged('spec.attachedRequired', driver.spec.attachRequired, old.spec.attachRequired),
  ...unchanged('spec.volumeLifecycleModes', driver.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes),
];

export function validateCsiNode({ spec }: CSINode): FieldError[] {
  const names = new Set<string>();
  return forEach(spec.drivers, 'spec.drivers', ({ name, nodeID, topologyKeys, allocatable }, at) => {
    const errors = csiDriverNameErrors(name, `${at}.name`);
    if (!nodeID) errors.push(required(`${at}.nodeID`));
    errors.push(...notNegative(allocatable?.count, `${at}.allocatable.count`));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    const keys = new Set<string>();
    for (const key of topologyKeys ?? []) {
      if (!key) errors.push(required(at));
      if (keys.has(key)) errors.push(duplicate(at, key));
      keys.add(key);
      errors.push(...invalidFor(at, key, qualifiedNameErrors(key)));
    }
    return errors;
  });
}

/** A driver on a node stays as it is; the count of what it can still take may change. */
export function validateCsiNodeUpdate(node: CSINode, old: CSINode): FieldError[] {
  const errors = validateCsiNode(node);
  for (const before of old.spec.drivers ?? []) {
    const now = node.spec.drivers?.find(({ name }) => name === before.name);
    if (!now) continue;
    const fixed = (driver: typeof now): object => ({ ...driver, allocatable: undefined });
    if (!deepEqual(fixed(now), fixed(before))) errors.push(invalid('spec.drivers', goStruct(now), 'field is immutable'));
  }
  return errors;
}

export function validateAttachment({ spec, status }: VolumeAttachment): FieldError[] {
  const { attacher, nodeName = '', source = {} } = spec;
  const errors = csiDriverNameErrors(attacher, 'spec.attacher');
  // The present version asks for it once more.
  if (!attacher) errors.push(required('spec.attacher'));
  const { inlineVolumeSpec, persistentVolumeName } = source;
  if (!inlineVolumeSpec && persistentVolumeName === undefined)
    errors.push(required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  else if (inlineVolumeSpec && persistentVolumeName !== undefined)
    errors.push(forbiddenField('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  if (persistentVolumeName === '') errors.push(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'));
  errors.push(...invalidFor('spec.nodeName', nodeName, dns1123SubdomainErrors(nodeName)));
  for (const name of ['attachError', 'detachError'] as const) {
    const failure = status?.[name];
    if (failure?.message && failure.message.length > 1024 * 1024)
      errors.push({ field: `status.${name}.message`, reason: 'FieldValueTooLong', message: 'Too long: may not be more than 1048576 bytes' });
  }
  return errors;
}

export const validateAttachmentUpdate = (attachment: VolumeAttachment, old: VolumeAttachment): FieldError[] =>
  deepEqual(attachment.spec, old.spec) ? [] : [invalid('spec', goStruct(attachment.spec), 'field is immutable')];

export const validateCapacity = ({ storageClassName = '', capacity, nodeTopology, maximumVolumeSize }: CSIStorageCapacity): FieldError[] => [
  ...invalidFor('storageClassName', storageClassName, dns1123SubdomainErrors(storageClassName)),
  ...validateSelector(nodeTopology, 'nodeTopology'),
  ...(capacity === undefined ? [] : notNegativeQuantity('capacity', capacity)),
  ...(maximumVolumeSize === undefined ? [] : notNegativeQuantity('maximumVolumeSize', maximumVolumeSize)),
];

export const validateCapacityUpdate = (capacity: CSIStorageCapacity, old: CSIStorageCapacity): FieldError[] => [
  ...unchanged('nodeTopology', capacity.nodeTopology, old.nodeTopology),
  ...unchanged('storageClassName', capacity.storageClassName, old.storageClassName),
];
