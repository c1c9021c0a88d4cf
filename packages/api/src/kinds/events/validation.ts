// What is checked of events, in the core group and in events.k8s.io.
import { deepEqual } from '../../clone.js';
import { type FieldError, invalid, required } from '../../field-error.js';
import type { Event, EventsEvent } from '../../gen/types.js';
import { qualifiedNameErrors } from '../../names.js';
import { resourceByKind } from '../../resource-info.js';
import { invalidFor, unchanged } from '../field-checks.js';

const maxName = 128;
const maxNote = 1024;

/** An event is about something in its own namespace, or about the cluster, which the default namespace stands for. */
export function validateEvent(event: Event): FieldError[] {
  const { involvedObject, metadata } = event;
  const errors = namespaceErrors(involvedObject ?? {}, metadata.namespace ?? '', 'involvedObject');
  return event.eventTime ? [...errors, ...newFieldsErrors(newStyle(event))] : errors;
}

/** The same event as the newer group names its fields. */
interface NewStyle {
  readonly reportingController?: string | undefined;
  readonly reportingInstance?: string | undefined;
  readonly action?: string | undefined;
  readonly reason?: string | undefined;
  readonly note?: string | undefined;
  readonly type?: string | undefined;
}

const newStyle = ({ reportingComponent, reportingInstance, action, reason, message, type }: Event): NewStyle => ({
  reportingController: reportingComponent,
  reportingInstance,
  action,
  reason,
  note: message,
  type,
});

function namespaceErrors(
  { kind = '', apiVersion = 'v1', namespace = '' }: { kind?: string; apiVersion?: string; namespace?: string },
  own: string,
  path: string,
): FieldError[] {
  const info = resourceByKind(apiVersion, kind);
  if (namespace === '' && !info?.namespaced) {
    return own === '' || own === 'default' || own === 'kube-system'
      ? []
      : [invalid(`${path}.namespace`, namespace, 'does not match event.namespace')];
  }
  return namespace === own ? [] : [invalid(`${path}.namespace`, namespace, 'does not match event.namespace')];
}

export function validateEventsEvent(event: EventsEvent): FieldError[] {
  const errors = event.eventTime ? [] : [required('eventTime')];
  errors.push(...newFieldsErrors(event));
  return [...errors, ...namespaceErrors(event.regarding ?? {}, event.metadata.namespace ?? '', 'involvedObject'), ...deprecatedErrors(event)];
}

function newFieldsErrors({ type, reportingController = '', reportingInstance = '', action = '', reason = '', note = '' }: NewStyle): FieldError[] {
  const errors: FieldError[] = [];
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type ?? ''}`));
  if (!reportingController) errors.push(required('reportingController'));
  errors.push(...invalidFor('reportingController', reportingController, qualifiedNameErrors(reportingController)));
  if (!reportingInstance) errors.push(required('reportingInstance'));
  const long: readonly (readonly [string, string, number])[] = [
    ['reportingInstance', reportingInstance, maxName],
    ['action', action, maxName],
    ['reason', reason, maxName],
  ];
  if (!action) errors.push(required('action'));
  if (!reason) errors.push(required('reason'));
  for (const [name, value, most] of long) if (value.length > most) errors.push(invalid(name, '', `can have at most ${most} characters`));
  if (note.length > maxNote) errors.push(invalid('message', '', `can have at most ${maxNote} characters`));
  return errors;
}

function deprecatedErrors(event: EventsEvent): FieldError[] {
  const errors: FieldError[] = [];
  const set = (path: string, given: boolean): void => {
    if (given) errors.push(invalid(path, '', 'needs to be unset'));
  };
  set('firstTimestamp', Boolean(event.deprecatedFirstTimestamp));
  set('lastTimestamp', Boolean(event.deprecatedLastTimestamp));
  set('count', Boolean(event.deprecatedCount));
  set('source', Boolean(event.deprecatedSource?.component || event.deprecatedSource?.host));
  return errors;
}

/** In upstream's order; the reason is looked at twice. */
const fixed = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingController',
  'reportingInstance',
] as const;

/** What events.k8s.io calls the fields of a core event, where it is not the same. */
export const newerEventNames: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
};

/** Once made, an event of the newer group only counts on in its series. */
export function validateEventsEventUpdate(event: EventsEvent, old: EventsEvent): FieldError[] {
  const value = (one: EventsEvent, name: string): unknown => (one as unknown as Record<string, unknown>)[newerEventNames[name] ?? name];
  const errors = fixed.flatMap((name) => unchanged(name, value(event, name), value(old, name)));
  return deepEqual(event, old) ? [] : errors;
}
