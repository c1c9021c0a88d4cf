// What is checked of the extensions that say how lists and maps are merged.
import { type FieldError, field } from '@steersman/api';
import { child, key } from '../schema/field-path.js';
import { itemsOf, listKeysOf, listTypeOf, mapTypeOf, propertyOf, type SchemaNode } from '../schema/schema-node.js';

const preserve = 'x-kubernetes-preserve-unknown-fields';
const listType = 'x-kubernetes-list-type';
const mapType = 'x-kubernetes-map-type';
const mapKeys = 'x-kubernetes-list-map-keys';

const typeOtherThan = (node: SchemaNode, path: string, { wanted, wrong }: { wanted: string; wrong: string }): FieldError[] => {
  if (node.type === wanted) return [];
  return [node.type ? field.invalid(child(path, 'type'), node.type, wrong) : field.required(child(path, 'type'), wrong)];
};

export function validateMapExtensions(node: SchemaNode, path: string): FieldError[] {
  const type = mapTypeOf(node);
  const errors = node[preserve] === false ? [field.invalid(child(path, preserve), false, 'must be true or undefined')] : [];
  if (type === undefined) return errors;
  return [
    ...errors,
    ...typeOtherThan(node, path, { wanted: 'object', wrong: 'must be object if x-kubernetes-map-type is specified' }),
    ...(['atomic', 'granular'].includes(type) ? [] : [field.notSupported(child(path, mapType), type, ['atomic', 'granular'])]),
  ];
}

export function validateListExtensions(node: SchemaNode, path: string): FieldError[] {
  const type = listTypeOf(node);
  const keys = listKeysOf(node);
  const supported = ['atomic', 'set', 'map'];
  return [
    ...(type === undefined ? [] : listErrors(node, path)),
    ...(type === undefined || supported.includes(type) ? [] : [field.notSupported(child(path, listType), type, supported)]),
    ...(keys.length && type !== 'map' ? [keysWithoutMap(type, path)] : []),
    ...(type === 'map' ? keyedErrors(node, path) : []),
    ...(type === 'map' || type === 'set' ? presenceErrors(node, type, path) : []),
  ];
}

function keysWithoutMap(type: string | undefined, path: string): FieldError {
  const wrong = 'must be map if x-kubernetes-list-map-keys is non-empty';
  return type === undefined ? field.required(child(path, listType), wrong) : field.invalid(child(path, listType), type, wrong);
}

function listErrors(node: SchemaNode, path: string): FieldError[] {
  const wrong = typeOtherThan(node, path, { wanted: 'array', wrong: 'must be array if x-kubernetes-list-type is specified' });
  const items = itemsOf(node);
  if (wrong.length || listTypeOf(node) !== 'set' || !items) return wrong;
  const atomic = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const innerList = listTypeOf(items);
  if (items.type === 'array' && innerList !== undefined && innerList !== 'atomic')
    return [field.invalid(child(child(path, 'items'), listType), innerList, atomic)];
  if (items.type === 'object' && mapTypeOf(items) !== 'atomic') return [field.invalid(child(child(path, 'items'), mapType), innerList, atomic)];
  return [];
}

function keyedErrors(node: SchemaNode, path: string): FieldError[] {
  const keys = listKeysOf(node);
  const items = itemsOf(node);
  const errors = keys.length ? [] : [field.required(child(path, mapKeys), 'must not be empty if x-kubernetes-list-type is map')];
  if (node.items === undefined) return [...errors, field.required(child(path, 'items'), 'must have a schema if x-kubernetes-list-type is map')];
  if (!items) return [...errors, field.invalid(child(path, 'items'), node.items, 'must only have a single schema if x-kubernetes-list-type is map')];
  const at = child(path, 'items');
  if (items.type !== 'object')
    return [...errors, field.invalid(child(at, 'type'), items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map")];
  for (const [position, name] of keys.entries()) {
    const property = propertyOf(items, name);
    if (!property) errors.push(field.invalid(child(path, mapKeys), keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object')
      errors.push(
        field.invalid(
          `${key(child(at, 'properties'), name)}.type`,
          items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      );
    if (keys.indexOf(name) < position) errors.push(field.invalid(child(path, mapKeys), keys, 'must not contain duplicate entries'));
  }
  return errors;
}

/** The elements of sets and maps are there, and so are their keys. */
function presenceErrors(node: SchemaNode, type: string, path: string): FieldError[] {
  const items = itemsOf(node);
  if (!items) return [];
  const at = child(path, 'items');
  const errors = items.nullable ? [field.forbiddenField(child(at, 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${type}`)] : [];
  if (type !== 'map') return errors;
  for (const name of listKeysOf(node)) {
    const property = propertyOf(items, name);
    const place = key(child(at, 'properties'), name);
    if (property && !items.required?.includes(name) && property.default === undefined)
      errors.push(
        field.required(`${place}.default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'),
      );
    if (property?.nullable)
      errors.push(field.forbiddenField(`${place}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'));
  }
  return errors;
}
