// Kinds that are served in a second version: how what is stored is shown in it, and taken from it.
import type { ApiObject } from '../cache/cached-object.js';
import { eventsV1 } from './events/conversion.js';
import { autoscalingV1 } from './horizontal-pod-autoscalers/conversion.js';

export interface Conversion {
  /** The group of the stored version, where it is another. */
  readonly storedGroup?: string;
  /** Where the stored version keeps its objects. */
  readonly prefix: string;
  /** Requests in this version must also keep the rules that it alone has. */
  readonly hasOwnRules?: boolean;
  fromStored(object: ApiObject): ApiObject;
  toStored(object: ApiObject): ApiObject;
}

/** By `group/version/resource`. */
export const conversions: Readonly<Record<string, Conversion>> = {
  'autoscaling/v1/horizontalpodautoscalers': autoscalingV1,
  'events.k8s.io/v1/events': eventsV1,
};
