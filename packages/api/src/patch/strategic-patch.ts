// Strategic merge patch: a merge patch that knows how to merge lists, and takes directives ($patch, $retainKeys, …).
// Mirrors https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
import { clone, memberOf, setMember } from '../clone.js';
import { badRequest, StatusError } from '../status-error.js';
import { goType, goValue } from './go-format.js';
import { isObject, type JsonObject } from './merge-patch.js';
import { duplicatesRemoved, inElementOrder, type ListMerge, partition } from './strategic-order.js';

/** What is known of one field: how its list is merged, and the schemas below it. */
export interface MergeField {
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  /** Of the elements, where the field is a list of objects. */
  readonly element?: MergeSchema;
  /** Of the value, where the field is an object. */
  readonly child?: MergeSchema;
}

/** What a strategic merge needs to know of an object's type. */
export interface MergeSchema {
  field(name: string): MergeField | undefined;
}

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletionPrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

/** A patch that cannot be applied is answered with 500 and no reason. */
export const strategicError = (message: string): StatusError => new StatusError({ code: 500, message });
export const missingMergeKey = (element: JsonObject, key: string): StatusError =>
  strategicError(`map: ${goValue(element)} does not contain declared merge key: ${key}`);

const listsOfLists = (): StatusError =>
  new StatusError({ code: 422, reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {} });

const wrongType = (expected: string, actual: unknown): StatusError => strategicError(`expected a ${expected}, but received a ${goType(actual)}`);
const unknownDirective = (value: unknown, holder: JsonObject): StatusError =>
  strategicError(`unknown patch type: ${String(value)} in map: ${goValue(holder)}`);

/** The target with the patch merged in, or a StatusError; neither is changed. */
export function strategicMergePatch(schema: MergeSchema, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeMap(clone(target), clone(patch), schema);
}

function mergeMap(original: JsonObject, patch: JsonObject, schema: MergeSchema | undefined): JsonObject {
  if (directive in patch) return directed(patch);
  retain(original, patch);
  mergeOrderedLists(original, patch, schema);
  for (const [key, value] of Object.entries(patch)) mergeField(original, key, value, schema);
  return original;
}

function directed(patch: JsonObject): JsonObject {
  const { [directive]: what, ...rest } = patch;
  if (what === 'replace') return rest;
  if (what === 'delete') return {};
  throw unknownDirective(what, patch);
}

function retain(original: JsonObject, patch: JsonObject): void {
  if (!(retainKeys in patch)) return;
  const keys = patch[retainKeys];
  delete patch[retainKeys];
  if (!Array.isArray(keys)) throw badRequest('invalid patch format of retainKeys');
  for (const [key, value] of Object.entries(patch))
    if (value !== null && !key.startsWith(deletionPrefix) && !key.startsWith(orderPrefix) && !keys.includes(key))
      throw badRequest('invalid patch format of retainKeys');
  for (const key of Object.keys(original)) if (!keys.includes(key)) delete original[key];
}

/** Merges and orders the lists that come with a $setElementOrder; they are taken out of the patch. */
function mergeOrderedLists(original: JsonObject, patch: JsonObject, schema: MergeSchema | undefined): void {
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    delete patch[key];
    const name = key.slice(orderPrefix.length);
    const orderList = listOf(order);
    const live = Object.hasOwn(original, name) ? listOf(original[name]) : undefined;
    const changes = Object.hasOwn(patch, name) ? listOf(patch[name]) : undefined;
    const merge = listMergeOf(schema?.field(name));
    checkOrder(changes ?? [], orderList, merge.mergeKey);
    if (!live && !changes) continue;
    let merged = live ?? [];
    if (changes) merged = live ? mergeList(live, changes, merge, false) : (withoutDirectives(changes) as unknown[]);
    const { listed, others } = partition(merged, orderList, merge);
    original[name] = inElementOrder(listed, others, orderList, live ?? [], merge);
    delete patch[name];
  }
}

const listOf = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw wrongType('[]interface {}', value);
};

const listMergeOf = (field: MergeField | undefined): ListMerge & { schema: MergeSchema | undefined } => ({
  strategy: (field?.patchStrategy ?? '').split(',').find((strategy) => strategy !== 'retainKeys' && strategy !== '') ?? '',
  mergeKey: field?.patchMergeKey ?? '',
  schema: field?.element,
});

/** Elements of the patch have to be in the order list, in the same order. */
function checkOrder(changes: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0 || changes.length === 0) return;
  const kept = mergeKey === '' ? changes : changes.filter((change) => !(isObject(change) && change[directive] === 'delete'));
  let [changed, ordered] = [0, 0];
  while (changed < kept.length && ordered < order.length) {
    const change = kept[changed];
    if (isObject(change) && directive in change) changed++;
    else if (sameElement(change, order[ordered++], mergeKey)) changed++;
  }
  if (changed < kept.length && ordered >= order.length)
    throw strategicError(`The order in patch list:\n${goValue(changes)}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`);
}

function sameElement(left: unknown, right: unknown, mergeKey: string): boolean {
  if (mergeKey === '') return left === right;
  for (const element of [left, right]) {
    if (!isObject(element)) throw wrongType('map[string]interface {}', element);
    if (!(mergeKey in element)) throw missingMergeKey(element, mergeKey);
  }
  return (left as JsonObject)[mergeKey] === (right as JsonObject)[mergeKey];
}

function mergeField(original: JsonObject, patchKey: string, value: unknown, schema: MergeSchema | undefined): void {
  const deletes = patchKey.startsWith(deletionPrefix);
  const key = deletes ? patchKey.slice(deletionPrefix.length) : patchKey;
  if (value === null) {
    delete original[key];
    return;
  }
  const live = memberOf(original, key);
  const bothObjects = isObject(live) && isObject(value);
  const bothLists = Array.isArray(live) && Array.isArray(value);
  if (bothObjects) {
    const field = schema?.field(key);
    setMember(original, key, field?.patchStrategy?.split(',').includes('replace') ? value : mergeMap(live, value, field?.child));
  } else if (bothLists) {
    const merge = listMergeOf(schema?.field(key));
    setMember(original, key, deletes || merge.strategy === 'merge' ? mergeList(live, value, merge, deletes) : value);
  } else if (!deletes) {
    const kept = withoutDirectives(withoutNulls(value));
    if (kept === undefined) delete original[key];
    else setMember(original, key, kept);
  }
}

function mergeList(live: unknown[], patch: unknown[], merge: ListMerge & { schema: MergeSchema | undefined }, deletes: boolean): unknown[] {
  if (live.length === 0 && patch.length === 0) return live;
  const kinds = new Set([...live, ...patch].map(goType));
  if (kinds.has('[]interface {}')) throw listsOfLists();
  if (kinds.size > 1) throw strategicError(`list element types are not identical: ${goValue([live, patch])}`);
  if (!kinds.has('map[string]interface {}')) {
    if (deletes) return live.filter((element) => !patch.includes(element));
    const { listed, others } = partition(duplicatesRemoved([...live, ...patch]), patch, merge);
    return inElementOrder(listed, others, patch, live, merge);
  }
  if (merge.mergeKey === '') throw strategicError('cannot merge lists without merge key for struct');
  const { kept, changes } = directElements(live as JsonObject[], patch as JsonObject[], merge.mergeKey);
  const merged = [...kept];
  for (const change of changes) mergeElement(merged, change, merge);
  const { listed, others } = partition(merged, changes, merge);
  return inElementOrder(listed, others, changes, kept, merge);
}

/** Carries out the directives among the elements of a patch; what is left are plain changes. */
function directElements(live: JsonObject[], patch: JsonObject[], mergeKey: string): { kept: JsonObject[]; changes: JsonObject[] } {
  const changes: JsonObject[] = [];
  let kept = live;
  let replace = false;
  for (const element of patch) {
    const what = element[directive];
    if (!(directive in element)) changes.push(element);
    else if (what === 'replace') replace = true;
    else if (what === 'merge') throw strategicError('merging lists cannot yet be specified in the patch');
    else if (what !== 'delete') throw unknownDirective(what, element);
    else if (!(mergeKey in element)) throw missingMergeKey(element, mergeKey);
    else kept = kept.filter((one) => one[mergeKey] !== element[mergeKey]);
  }
  return replace ? { kept: changes, changes: [] } : { kept, changes };
}

function mergeElement(list: JsonObject[], change: JsonObject, { mergeKey, schema }: ListMerge & { schema: MergeSchema | undefined }): void {
  if (!(mergeKey in change)) throw missingMergeKey(change, mergeKey);
  const index = list.findIndex((element) => element[mergeKey] === change[mergeKey]);
  if (index < 0) list.push(change);
  else list[index] = mergeMap(list[index]!, change, schema);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])));
}

/** A value that has nothing to be merged with, so that its directives mean nothing; undefined where it goes altogether. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((inner) => inner !== undefined);
  if (!isObject(value)) return value;
  if (directive in value) return undefined;
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const left = withoutDirectives(inner);
    return left === undefined ? [] : [[key, left] as const];
  });
  return Object.fromEntries(kept);
}
