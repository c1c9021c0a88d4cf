// What is particular to a kind when its objects are written: one strategy file per kind that needs one, this default for all others.
import type { FieldError, ResourceInfo } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import type { RequestContext } from '../request/request-context.js';

/** What a strategy may ask of the server around it. */
export interface StrategyTools {
  readonly context: RequestContext;
  readonly dryRun: boolean;
}

/** How a deletion is to go on. */
export type DeletionPlan = { readonly now: true } | { readonly now: false; readonly gracePeriodSeconds: number };

/** Objects handed to a strategy are fresh copies that it may change; `old` is frozen. */
export interface Strategy {
  /** Cleans and completes a new object: drop status, set what the server decides. */
  prepareForCreate?(object: ApiObject, tools: StrategyTools): void | Promise<void>;
  /** Cleans a changed object: keep what this path may not change. */
  prepareForUpdate?(object: ApiObject, old: ApiObject, tools: StrategyTools): void | Promise<void>;
  /** The same for the status subresource; the default keeps all but the status. */
  prepareForStatusUpdate?(object: ApiObject, old: ApiObject, tools: StrategyTools): void;
  validate?(object: ApiObject): readonly FieldError[];
  validateUpdate?(object: ApiObject, old: ApiObject): readonly FieldError[];
  validateStatusUpdate?(object: ApiObject, old: ApiObject): readonly FieldError[];
  /** Warnings for the client. */
  warnings?(object: ApiObject, old?: ApiObject): readonly string[];
  /** Gives back what preparing the object took (an address, a port), as it was not stored after all. */
  undo?(object: ApiObject): void | Promise<void>;
  /** Keeps what an update no longer needs from leaking; called after the update was stored. */
  afterUpdate?(object: ApiObject, old: ApiObject): void | Promise<void>;
  /** Gives back what the object held; called when it is gone from the store. */
  afterDelete?(object: ApiObject): void | Promise<void>;
  /** Whether deletion takes time; the default deletes at once. */
  planDeletion?(object: ApiObject, gracePeriodSeconds: number | undefined): DeletionPlan;
  /** The object as its first deletion leaves it, where it is marked in a way of its own. */
  markDeletion?(object: ApiObject, nowMs: number): ApiObject;
  /** Refuses a deletion. */
  checkDelete?(object: ApiObject): void;
  /** Whether PUT makes an object that does not exist. */
  readonly allowCreateOnUpdate?: boolean;
  /** Whether an update without a resourceVersion overwrites; true unless said otherwise. */
  readonly allowUnconditionalUpdate?: boolean;
  /** Whether a deletion answers with the object instead of a Status. */
  readonly returnsDeletedObject?: boolean;
  /** What garbage collection does to dependents when the deletion does not say. */
  readonly defaultPropagation?: 'Background' | 'Orphan';
  /** Told to clients that delete without saying what is to happen to dependents. */
  readonly deletionWarning?: string;
  /** Whether a new object may come with a status (nodes register themselves). */
  readonly keepsStatusOnCreate?: boolean;
  /** Field selectors beyond metadata.name and metadata.namespace, with this object's values. */
  selectableFields?(object: ApiObject): Readonly<Record<string, string>>;
  /** Whether generation counts changes of everything but metadata and status; true where the kind has a spec. */
  readonly countsGenerations?: boolean;
}

/** Kinds, by `group/resource`, that have no generation although they have a spec. */
export const withoutGeneration = new Set<string>([
  '/services',
  '/nodes',
  '/persistentvolumes',
  '/persistentvolumeclaims',
  '/namespaces',
  '/resourcequotas',
  '/limitranges',
  'coordination.k8s.io/leases',
  'certificates.k8s.io/certificatesigningrequests',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/volumeattachments',
  'autoscaling/horizontalpodautoscalers',
  'apiregistration.k8s.io/apiservices',
  'networking.k8s.io/servicecidrs',
  'networking.k8s.io/ipaddresses',
  'resource.k8s.io/resourceclaims',
  'resource.k8s.io/resourceclaimtemplates',
]);

/** Kinds without a spec whose generation counts nonetheless. */
export const generationWithoutSpec = new Set<string>([
  'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/validatingwebhookconfigurations',
  'scheduling.k8s.io/priorityclasses',
  'discovery.k8s.io/endpointslices',
  '/podtemplates',
]);

export const resourceId = ({ group, resource }: Pick<ResourceInfo, 'group' | 'resource'>): string => `${group}/${resource}`;
