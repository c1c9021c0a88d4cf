// The fields that events can be selected by, as each of their two groups names them.
import type { Event, EventsEvent, ObjectReference } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';

type Fields = Readonly<Record<string, string>>;

const referenceFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

/** What an event is about, under the name that its group has for that. */
const about = (field: string, reference: ObjectReference = {}): Fields =>
  Object.fromEntries(referenceFields.map((name) => [`${field}.${name}`, reference[name] ?? '']));

export const eventFields = (object: ApiObject): Fields => {
  const { involvedObject, reason = '', reportingComponent = '', source, type = '' } = object as unknown as Event;
  return { ...about('involvedObject', involvedObject), reason, reportingComponent, source: source?.component ?? reportingComponent, type };
};

export const newerEventFields = (object: ApiObject): Fields => {
  const { regarding, reason = '', reportingController = '', type = '' } = object as unknown as EventsEvent;
  return { ...about('regarding', regarding), reason, reportingController, type };
};
