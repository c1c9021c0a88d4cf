// The generic registry: reads, writes and deletes the objects of one resource, by its definition and strategy.
import {
  alreadyExists,
  type Clock,
  clone,
  deepEqual,
  type FieldError,
  type GroupResource,
  invalidObject,
  isAlreadyExists,
  type Logger,
  notFound,
  outdated,
  type Random,
  StatusError,
} from '@steersman/api';
import type { Store, WriteResult } from '@steersman/storage';
import { type ApiObject, CachedObject, encodeObject } from '../cache/cached-object.js';
import type { ResourceCache } from '../cache/resource-cache.js';
import type { StoreFeed } from '../cache/store-feed.js';
import type { RequestContext } from '../request/request-context.js';
import { carryMetadataOver, generateName, initialiseMetadata, matchNamespace } from './object-meta.js';
import { copyField, desiredPart, isUnchanged, keepAllButStatus, resetStatus, withoutVersion } from './object-parts.js';
import type { ResourceDefinition } from './resource-definition.js';
import { objectKey } from './storage-keys.js';
import { generationWithoutSpec, resourceId, withoutGeneration } from './strategy.js';

export interface RegistryTools {
  readonly feed: StoreFeed;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Whether a value lies in the store otherwise than it would be written now; absent where values lie there as they are. */
  isStale?(key: string): Promise<boolean>;
}

/** The validating part of admission, run on the object as it would be stored. */
export type FinalCheck = (object: ApiObject, old?: ApiObject) => Promise<void>;

export interface UpdateOptions {
  readonly dryRun: boolean;
  /** The part of the object that this update may touch. */
  readonly part: 'object' | 'status';
  readonly check: FinalCheck;
  /** The update goes for whatever version there is, also where the kind asks for one. */
  readonly unconditional?: boolean;
  readonly createOnUpdate?: (object: ApiObject) => Promise<void>;
  /** Creates what is not there even where the kind does not allow that by an update. */
  readonly createsAlways?: boolean;
  /** Overrides the strategy's preparation, for subresources with rules of their own. */
  readonly prepare?: (object: ApiObject, old: ApiObject) => void;
  readonly validate?: (object: ApiObject, old: ApiObject) => readonly FieldError[];
}

/** Makes the new object from the current one; `undefined` means there is none yet. */
export type Transform = (current: ApiObject | undefined) => Promise<ApiObject>;

const maxConflictRetries = 20;
const maxGeneratedNames = 8;

export class Resource {
  readonly groupResource: GroupResource;
  private readonly countsGenerations: boolean;
  private readonly shownForms = new WeakMap<CachedObject, CachedObject | Promise<CachedObject>>();
  private readonly retirement = new AbortController();

  constructor(
    readonly definition: ResourceDefinition,
    readonly cache: ResourceCache,
    private readonly tools: RegistryTools,
  ) {
    const { info, strategy } = definition;
    this.groupResource = { group: info.group, resource: info.resource };
    this.countsGenerations = strategy.countsGenerations ?? !withoutGeneration.has(resourceId(info));
  }

  keyOf(namespace: string | undefined, name: string): string {
    return objectKey(this.definition.prefix, { namespace: this.definition.info.namespaced ? namespace : undefined, name });
  }

  /** The object in its latest version, if the cache has it. */
  peek(namespace: string | undefined, name: string): CachedObject | undefined {
    return this.cache.get(this.keyOf(namespace, name));
  }

  /** Aborts once another definition has taken this one's place, or none has. */
  get retired(): AbortSignal {
    return this.retirement.signal;
  }

  retire(): void {
    this.retirement.abort();
  }

  /** A stored object as this version shows it; a promise only where a webhook converts. */
  shown(stored: CachedObject): CachedObject | Promise<CachedObject> {
    const form = this.definition.storedForm;
    if (!form) return stored;
    const known = this.shownForms.get(stored);
    if (known) return known;
    const object = form.show(stored.object);
    const made = object instanceof Promise ? object.then((one) => asShown(stored, one)) : asShown(stored, object);
    this.shownForms.set(stored, made);
    if (made instanceof Promise) made.catch(() => this.shownForms.delete(stored));
    return made;
  }

  /** An object of this version as the store holds it. */
  private async toStored(object: ApiObject): Promise<ApiObject> {
    return (await this.definition.storedForm?.store(object)) ?? object;
  }

  /** The object as of now; throws 404. */
  async get(namespace: string | undefined, name: string, { consistent = true }: { consistent?: boolean } = {}): Promise<CachedObject> {
    if (consistent) await this.tools.feed.caughtUp();
    const found = this.peek(namespace, name);
    if (!found) throw notFound(this.groupResource, name);
    return found;
  }

  /** Completes, checks and stores a new object. */
  async create(
    object: ApiObject,
    options: { namespace: string | undefined; context: RequestContext; dryRun: boolean; check: FinalCheck },
  ): Promise<CachedObject> {
    const { definition, tools } = this;
    const { strategy, info } = definition;
    matchNamespace(object, info, options.namespace);
    const generated = !object.metadata.name && Boolean(object.metadata.generateName);
    const { resourceVersion } = object.metadata;
    initialiseMetadata(object, tools);
    if (this.startsWithGeneration(object)) object.metadata = { ...object.metadata, generation: 1 };
    if (definition.hasStatus && !strategy.keepsStatusOnCreate) resetStatus(object, definition);
    await strategy.prepareForCreate?.(object, { context: options.context, dryRun: options.dryRun });
    try {
      this.rejectInvalid(object, [...definition.codec.validateCreate(object), ...(strategy.validate?.(object) ?? [])]);
      options.context.warnings.push(...(definition.codec.warnings?.(object) ?? []), ...(strategy.warnings?.(object) ?? []));
      await options.check(object);
      const created = await this.insertNamed(object, { generated, dryRun: options.dryRun });
      // What is stored gets a version of its own; a dry run shows the one it was given.
      return options.dryRun && Number(resourceVersion) > 0 ? dryRunResult(created.key, object, Number(resourceVersion)) : created;
    } catch (error) {
      await strategy.undo?.(object);
      throw error;
    }
  }

  private startsWithGeneration(object: ApiObject): boolean {
    if (!this.countsGenerations) return false;
    return 'spec' in object || generationWithoutSpec.has(resourceId(this.definition.info));
  }

  /** A generated name that is taken is generated anew, a few times. */
  private async insertNamed(object: ApiObject, { generated, dryRun }: { generated: boolean; dryRun: boolean }): Promise<CachedObject> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.insert(object, dryRun);
      } catch (error) {
        if (!generated || !isAlreadyExists(error) || attempt >= maxGeneratedNames) throw error;
        object.metadata = { ...object.metadata, name: generateName(object.metadata.generateName ?? '', this.tools.random) };
      }
    }
  }

  private async insert(given: ApiObject, dryRun: boolean): Promise<CachedObject> {
    const object = await this.toStored(given);
    const name = object.metadata.name ?? '';
    const key = this.keyOf(object.metadata.namespace, name);
    const exists = (): StatusError => alreadyExists(this.groupResource, name);
    if (dryRun) {
      await this.tools.feed.caughtUp();
      if (this.cache.get(key)) throw exists();
      return dryRunResult(key, object);
    }
    const encoded = encodeObject(object);
    this.tools.feed.remember(encoded);
    const result = await this.tools.store.write({ key, value: encoded.bytes, expect: 0 });
    if (!result.ok) throw beingDeleted(result) ? this.existsButGoes(name) : exists();
    return CachedObject.stored(key, result.revision, encoded);
  }

  private existsButGoes(name: string): StatusError {
    const error = alreadyExists(this.groupResource, name);
    error.status.message = `object is being deleted: ${error.status.message}`;
    return error;
  }

  /** Changes an object: transforms its latest version until the store takes it. */
  async update(
    namespace: string | undefined,
    name: string,
    transform: Transform,
    options: UpdateOptions & { context: RequestContext },
  ): Promise<{ object: CachedObject; created: boolean }> {
    await this.tools.feed.caughtUp();
    let current = this.peek(namespace, name);
    for (let attempt = 0; ; attempt++) {
      if (!current) {
        const created = await this.createInstead({ namespace, name }, transform, options);
        if (created) return { object: created, created: true };
        current = await this.get(namespace, name);
      }
      const { object: old } = await this.shown(current);
      const given = await transform(old);
      this.checkVersion(given, current, { name, unconditional: options.unconditional ?? false });
      const object = await this.prepared(given, old, options);
      const kept = await this.toStored(object);
      if (this.isFinished(object)) return { object: await this.remove(current, kept, options.dryRun), created: false };
      if (isUnchanged(kept, current.object) && !(await this.tools.isStale?.(current.key))) return { object: current, created: false };
      if (options.dryRun) return { object: dryRunResult(current.key, kept, current.revision), created: false };
      const encoded = encodeObject(withoutVersion(kept));
      this.tools.feed.remember(encoded);
      const result = await this.tools.store.write({ key: current.key, value: encoded.bytes, expect: current.revision });
      if (result.ok) {
        await this.definition.strategy.afterUpdate?.(object, old);
        return { object: CachedObject.stored(current.key, result.revision, encoded), created: false };
      }
      await this.definition.strategy.undo?.(object);
      // Somebody else was quicker. What named a version of its own is refused when that is compared again; a patch is made anew.
      if (attempt >= maxConflictRetries) throw outdated(this.groupResource, name);
      current = result.current ? CachedObject.fromBytes(current.key, result.current.modRevision, result.current.value) : undefined;
    }
  }

  /** An update of an object that is not there makes it, where it may; undefined where somebody else was faster. */
  private async createInstead(
    { namespace, name }: { namespace: string | undefined; name: string },
    transform: Transform,
    options: UpdateOptions & { context: RequestContext },
  ): Promise<CachedObject | undefined> {
    if (!options.createOnUpdate || !(options.createsAlways || this.definition.strategy.allowCreateOnUpdate)) throw notFound(this.groupResource, name);
    const object = await transform(undefined);
    await options.createOnUpdate(object);
    try {
      return await this.create(object, { namespace, context: options.context, dryRun: options.dryRun, check: options.check });
    } catch (error) {
      if (isAlreadyExists(error)) return undefined;
      throw error;
    }
  }

  /** Throws 409 where the update names a version that is not the current one. */
  private checkVersion(given: ApiObject, current: CachedObject, { name, unconditional }: { name: string; unconditional: boolean }): void {
    const version = given.metadata.resourceVersion;
    if (!version || version === '0') {
      if (this.definition.strategy.allowUnconditionalUpdate === false && !unconditional)
        throw invalidObject({ group: this.groupResource.group, kind: this.groupResource.resource }, name, [
          { field: 'metadata.resourceVersion', reason: 'FieldValueInvalid', message: 'Invalid value: 0: must be specified for an update' },
        ]);
      return;
    }
    if (!/^\d+$/.test(version))
      throw new StatusError({ code: 500, message: `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax` });
    if (version !== String(current.revision)) throw outdated(this.groupResource, name);
  }

  private async prepared(given: ApiObject, old: ApiObject, options: UpdateOptions & { context: RequestContext }): Promise<ApiObject> {
    const { definition } = this;
    const { strategy, codec } = definition;
    const tools = { context: options.context, dryRun: options.dryRun };
    const object: ApiObject = { ...given };
    matchNamespace(object, definition.info, old.metadata.namespace);
    carryMetadataOver(object, old);
    if (options.prepare) options.prepare(object, old);
    else if (options.part === 'status') {
      if (strategy.prepareForStatusUpdate) strategy.prepareForStatusUpdate(object, old, tools);
      else keepAllButStatus(object, old);
    } else {
      if (definition.hasStatus) copyField(object, old, 'status');
      await strategy.prepareForUpdate?.(object, old, tools);
      this.countGeneration(object, old);
    }
    const errors = options.validate
      ? options.validate(object, old)
      : options.part === 'status'
        ? [...codec.validateStatusUpdate(object, old, options.context.warnings), ...(strategy.validateStatusUpdate?.(object, old) ?? [])]
        : [...codec.validateUpdate(object, old, options.context.warnings), ...(strategy.validateUpdate?.(object, old) ?? [])];
    this.rejectInvalid(object, errors);
    if (options.part === 'object')
      options.context.warnings.push(...(definition.codec.warnings?.(object, old) ?? []), ...(strategy.warnings?.(object, old) ?? []));
    await options.check(object, old);
    return object;
  }

  private countGeneration(object: ApiObject, old: ApiObject): void {
    if (!this.countsGenerations || old.metadata.generation === undefined) return;
    const changed = !deepEqual(desiredPart(object), desiredPart(old));
    if (changed) object.metadata = { ...object.metadata, generation: old.metadata.generation + 1 };
  }

  private rejectInvalid(object: ApiObject, errors: readonly FieldError[]): void {
    const { group, kind } = this.definition.info;
    if (errors.length) throw invalidObject({ group, kind: object.kind ?? kind }, object.metadata.name ?? '', errors);
  }

  /** Whether nothing holds the object any more: it is marked for deletion, its finalizers are gone, its grace is over. */
  private isFinished({ metadata, spec }: ApiObject): boolean {
    return (
      metadata.deletionTimestamp !== undefined &&
      !metadata.finalizers?.length &&
      (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
      !(this.holdsItself() && (spec as { finalizers?: string[] } | undefined)?.finalizers?.length)
    );
  }

  /** Namespaces have finalizers in their spec as well. */
  private holdsItself(): boolean {
    return resourceId(this.definition.info) === '/namespaces';
  }

  /** Takes the object out of the store, provided it is still at this version. */
  async remove(current: CachedObject, last: ApiObject, dryRun: boolean): Promise<CachedObject> {
    if (dryRun) return current;
    const result = await this.tools.store.write({ key: current.key, value: null, expect: current.revision });
    if (!result.ok) {
      if (!result.current) throw notFound(this.groupResource, last.metadata.name ?? '');
      throw outdated(this.groupResource, last.metadata.name ?? '');
    }
    await this.definition.strategy.afterDelete?.(current.object);
    return new CachedObject(current.key, result.revision, encodeObject(withoutVersion(last)));
  }

  /** Stores a changed object under the version it was made from; throws 409 where somebody was faster. */
  async replace(current: CachedObject, object: ApiObject): Promise<CachedObject> {
    const encoded = encodeObject(withoutVersion(object));
    this.tools.feed.remember(encoded);
    const result = await this.tools.store.write({ key: current.key, value: encoded.bytes, expect: current.revision });
    if (!result.ok) throw outdated(this.groupResource, object.metadata.name ?? '');
    return CachedObject.stored(current.key, result.revision, encoded);
  }

  /** Looks again in the store itself, past the cache. */
  async fresh(current: CachedObject): Promise<CachedObject | undefined> {
    const { items } = await this.tools.store.range({ start: current.key });
    const [item] = items;
    return item && CachedObject.fromBytes(current.key, item.modRevision, item.value);
  }

  get clock(): Clock {
    return this.tools.clock;
  }

  get feed(): StoreFeed {
    return this.tools.feed;
  }
}

/** The same object where showing it changes nothing, so that its bytes are shared. */
const asShown = (stored: CachedObject, object: ApiObject): CachedObject =>
  deepEqual(object, stored.object) ? stored : new CachedObject(stored.key, stored.revision, encodeObject(object));

/** What a dry run shows: not stored, so without a version unless it was given one. */
const dryRunResult = (key: string, object: ApiObject, revision = 0): CachedObject => new CachedObject(key, revision, encodeObject(clone(object)));

function beingDeleted(result: WriteResult): boolean {
  if (result.ok || !result.current) return false;
  const object = JSON.parse(Buffer.from(result.current.value).toString()) as ApiObject;
  return object.metadata.deletionTimestamp !== undefined;
}
