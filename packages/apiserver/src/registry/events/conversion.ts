// events.k8s.io/v1 Events are core/v1 Events with their fields renamed.
import { newerEventNames } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Conversion } from '../conversions.js';

const back = Object.fromEntries(Object.entries(newerEventNames).map(([core, events]) => [events, core]));

const rename = (object: ApiObject, names: Readonly<Record<string, string>>, apiVersion: string): ApiObject => {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) result[names[key] ?? key] = value;
  return { ...result, apiVersion } as unknown as ApiObject;
};

/** Fields that core/v1 always shows. */
const coreShape = {
  involvedObject: {},
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: null,
  reportingComponent: '',
  reportingInstance: '',
};

/** Fields that core/v1 shows empty and this version leaves out. */
function withoutEmpty(object: ApiObject): ApiObject {
  const { reportingController, reportingInstance, ...rest } = object;
  return { ...rest, ...(reportingController ? { reportingController } : {}), ...(reportingInstance ? { reportingInstance } : {}) } as ApiObject;
}

export const eventsV1: Conversion = {
  storedGroup: '',
  prefix: '/registry/events/',
  hasOwnRules: true,
  fromStored: (object) => withoutEmpty(rename(object, newerEventNames, 'events.k8s.io/v1')),
  toStored: (object) => ({ ...coreShape, ...rename(object, back, 'v1') }),
};
