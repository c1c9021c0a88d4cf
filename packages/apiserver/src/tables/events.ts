// Events as tables, the same for core/v1 and events.k8s.io/v1.
import type { Event } from '@steersman/api';
import { ageSince, column, nameColumn } from './default-columns.js';
import { columnsFor, type TableColumns } from './table-columns.js';

const objectText = ({ involvedObject: { kind = '', name } }: Event): string => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase());

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance;
  return host ? `${component}, ${host}` : component;
}

const events = columnsFor<Event>(
  [
    column('Last Seen', 'The time at which the most recent occurrence of this event was recorded.'),
    column('Type', 'Type of this event (Normal, Warning), new types could be added in the future'),
    column(
      'Reason',
      "This should be a short, machine understandable string that gives the reason for the transition into the object's current status.",
    ),
    column('Object', 'The object that this event is about.'),
    column(
      'Subobject',
      'If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: "spec.containers{name}" (where "name" refers to the name of the container that triggered the event) or if no container name is specified "spec.containers[2]" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.',
      { priority: 1 },
    ),
    column('Source', 'The component reporting this event. Should be a short machine understandable string.', { priority: 1 }),
    column('Message', 'A human-readable description of the status of this operation.'),
    column('First Seen', 'The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)', { priority: 1 }),
    column('Count', 'The number of times this event has occurred.', { priority: 1 }),
    { ...nameColumn, priority: 1 },
  ],
  (event, nowMs) => {
    const first = ageSince(event.firstTimestamp ?? event.eventTime, nowMs);
    const last = event.series ? ageSince(event.series.lastObservedTime, nowMs) : event.lastTimestamp ? ageSince(event.lastTimestamp, nowMs) : first;
    return [
      last,
      event.type ?? '',
      event.reason ?? '',
      objectText(event),
      event.involvedObject.fieldPath ?? '',
      sourceText(event),
      (event.message ?? '').trim(),
      first,
      event.series?.count ?? (event.count || 1),
      event.metadata.name,
    ];
  },
);

export const eventTables: Readonly<Record<string, TableColumns>> = { '/events': events };
