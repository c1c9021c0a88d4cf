// Keeps the managedFields of objects: what a write makes of them, and objects with a configuration applied to them.
import { deepEqual } from '../clone.js';
import type { ManagedFieldsEntry, ObjectMeta } from '../gen/types.js';
import { badRequest, StatusError } from '../status-error.js';
import { ApplyConflict } from './conflict.js';
import { type Applied, type Author, applyConfiguration, managersAfterUpdate } from './field-management.js';
import { checkAgainstRecord, kubectlManager, withRecord } from './last-applied.js';
import type { ManagedKind } from './managed-kind.js';
import { type Managers, parseManagers, readManagers, writeManagers } from './managers.js';
import { ElementError } from './path-element.js';
import { isMap, type Json } from './shape.js';
import { typedErrors, typedMessage } from './typed-errors.js';

/** Any object with metadata. */
export type Managed = Json & { metadata: ObjectMeta };

type Entries = readonly ManagedFieldsEntry[] | undefined;

/** Whether a request asks to forget all managers: an empty list, or one empty entry. */
const isReset = (entries: Entries): boolean =>
  entries !== undefined && (entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0));

/** What an object came from: the live one, or the empty one of its kind where it is new. */
export interface Origin {
  readonly live?: Managed | undefined;
  readonly empty: Managed;
}

/**
 * The managedFields of an object that is about to be written. Its own count as asked for: none keep the live ones, none but an
 * empty one resets them. What cannot be compared keeps what it had.
 */
export function managedFieldsOf(kind: ManagedKind, author: Author, { live, empty }: Origin, next: Managed): ManagedFieldsEntry[] | undefined {
  const before = live?.metadata.managedFields;
  const asked = author.subresource === undefined ? next.metadata.managedFields : undefined;
  const managers = startingManagers(before, asked);
  if (live && managers.size === 0) return undefined;
  try {
    const after = managersAfterUpdate(kind, managers, author, [live ?? empty, next]);
    return after === managers && (asked === undefined || asked === before || deepEqual(asked, before)) ? before : writeManagers(after);
  } catch (error) {
    if (error instanceof ElementError) return before;
    throw error;
  }
}

function startingManagers(before: Entries, asked: Entries): Managers {
  if (isReset(asked)) return new Map();
  const parsed = asked === undefined || asked === before || deepEqual(asked, before) ? undefined : parseManagers(asked);
  return parsed?.size ? parsed : readManagers(before);
}

/** How messages name a kind. */
export const kindText = (apiVersion: string, kind: string): string => `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;

const firstManager = 'before-first-apply';

/** The live object with a configuration applied; a StatusError where it does not fit, or is in conflict and not forced. */
export function applyToObject(
  kind: ManagedKind,
  author: Author,
  { live, empty }: Origin,
  { configuration, force }: { configuration: Json; force: boolean },
): Managed {
  checkConfiguration(kind, configuration);
  const target = live ?? empty;
  let managers = readManagers(target.metadata?.managedFields);
  let outcome: Applied;
  try {
    if (live && managers.size === 0) managers = managersAfterUpdate(kind, managers, { ...author, manager: firstManager }, [empty, live]);
    outcome = applyOrTakeOver(kind, managers, author, { live: target, configuration, force });
  } catch (error) {
    throw error instanceof ElementError ? liveNotTyped(kind, target, error) : error;
  }
  const object = (outcome.object ?? target) as Managed;
  const recorded = (author.manager === kubectlManager ? withRecord(object, configuration) : object) as Managed;
  const managedFields = writeManagers(outcome.managers);
  const { managedFields: _, ...metadata } = recorded.metadata ?? {};
  return { ...recorded, metadata: { ...metadata, ...(managedFields && { managedFields }) } };
}

/** kubectl may take from anybody what it applied before there was server-side apply. */
function applyOrTakeOver(
  kind: ManagedKind,
  managers: Managers,
  author: Author,
  { live, configuration, force }: { live: unknown; configuration: Json; force: boolean },
): Applied {
  try {
    return applyConfiguration(kind, managers, author, { live, configuration, force });
  } catch (error) {
    if (!(error instanceof ApplyConflict)) throw error;
    try {
      if (author.manager !== kubectlManager) throw error;
      checkAgainstRecord(error, live, kind);
    } catch (left) {
      throw left instanceof ApplyConflict ? left.toStatusError() : left;
    }
    return applyConfiguration(kind, managers, author, { live, configuration, force: true });
  }
}

function checkConfiguration({ schema }: ManagedKind, configuration: Json): void {
  const { metadata } = configuration as { metadata?: unknown };
  if (isMap(metadata) && Array.isArray(metadata['managedFields'])) throw badRequest('metadata.managedFields must be nil');
  const errors = typedErrors(schema, configuration);
  if (errors.length > 0) throw notTyped('patch', configuration, errors);
}

/** Written otherwise than by applying, an object may have list items without their keys: it cannot be applied to. */
function liveNotTyped({ schema }: ManagedKind, live: Managed, { message }: ElementError): StatusError {
  const found = typedErrors(schema, live).filter((problem) => problem.endsWith(message));
  return notTyped('live', live, found.length > 0 ? found : [message]);
}

function notTyped(which: 'patch' | 'live', object: Json, errors: readonly string[]): StatusError {
  const { apiVersion, kind, metadata } = object as { apiVersion: string; kind: string; metadata?: unknown };
  const { name = '', namespace = '' } = (isMap(metadata) ? metadata : {}) as Record<string, string>;
  return new StatusError({
    code: 500,
    message: `failed to create typed ${which} object (${namespace}/${name}; ${kindText(apiVersion, kind)}): ${typedMessage(errors)}`,
  });
}
