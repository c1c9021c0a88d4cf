// WATCH: events of one resource from a revision on, filtered by selectors, in batches; a watcher that falls behind is cut off.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { expired, type FieldError, field, invalidObject, type StatusError, toStatusError } from '@steersman/api';
import type { ResourcePath, WatchOptions } from '@steersman/client';
import type { CachedObject } from '../cache/cached-object.js';
import type { CacheEvent } from '../cache/resource-cache.js';
import type { RequestContext } from '../request/request-context.js';
import { authorize, checkVerb, findTarget, type HandlerTools, parseUnsigned, present, selectedPath, type Target } from './handler-tools.js';
import { parseSelection, type Selection } from './selection.js';

/** An event as a watcher sees it. `source` is the shared event where nothing was changed for this watcher. */
export type WatchItem =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: CachedObject; readonly source?: CacheEvent }
  | { readonly type: 'BOOKMARK'; readonly revision: number; readonly initialEventsEnd: boolean }
  | { readonly type: 'ERROR'; readonly error: StatusError };

export interface WatchAnswer {
  readonly target: Target;
  readonly batches: AsyncIterable<readonly WatchItem[]>;
  /** Aborts when the watch is to end, or its watcher has fallen too far behind: who waits for the watcher to read need not. */
  readonly over: AbortSignal;
}

export interface WatchRequest extends WatchOptions {
  readonly resourceVersionMatch?: string;
  readonly continue?: string;
}

/** An event that waits, or one that a webhook still converts; undefined where the selectors leave it out. */
type Pending = WatchItem | Promise<WatchItem | undefined>;

/** Events that may wait for a watcher before it is cut off. */
const maxPending = 16_384;
/** A bookmark comes at the latest after this long. */
const bookmarkMs = 50_000;

export async function watchObjects(
  tools: HandlerTools,
  context: RequestContext,
  path: ResourcePath,
  options: WatchRequest,
  signal: AbortSignal,
): Promise<WatchAnswer> {
  const target = findTarget(tools, path, context);
  checkVerb(target, 'watch', path);
  authorize(tools, context, 'watch', selectedPath(path, options.fieldSelector), options.fieldSelector);
  checkWatchOptions(options);
  const selection = parseSelection(target.served.definition, withName(options, path.name));
  const revision = parseUnsigned(options.resourceVersion);
  const initial =
    options.sendInitialEvents ?? (options.resourceVersion === undefined || options.resourceVersion === '' || options.resourceVersion === '0');
  if (initial && !options.resourceVersion) await tools.feed.caughtUp();
  else if (initial) await tools.feed.reached(revision);
  const watcher = new Watcher(tools, { target, namespace: path.namespace, selection, bookmarks: options.allowBookmarks ?? false });
  if (initial) watcher.sendInitial(options.allowBookmarks ?? false);
  else watcher.startAfter(revision || tools.feed.revision);
  return { target, batches: watcher.batches(signal), over: AbortSignal.any([signal, watcher.behind]) };
}

const withName = (options: WatchRequest, name: string | undefined): WatchRequest =>
  name === undefined ? options : { ...options, fieldSelector: [options.fieldSelector, `metadata.name=${name}`].filter(Boolean).join(',') };

function checkWatchOptions({ sendInitialEvents, resourceVersionMatch: match, continue: token }: WatchRequest): void {
  const forbid = (why: string): FieldError => field.forbiddenField('resourceVersionMatch', why);
  const errors = [
    ...(sendInitialEvents !== undefined && match !== 'NotOlderThan'
      ? [forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
      : []),
    ...(match && sendInitialEvents === undefined ? [forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')] : []),
    ...(match && match !== 'NotOlderThan' ? [field.notSupported('resourceVersionMatch', match, ['NotOlderThan'])] : []),
    ...(match && token ? [forbid('resourceVersionMatch is forbidden when continue is provided')] : []),
  ];
  if (errors.length) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

interface WatcherOptions {
  readonly target: Target;
  readonly namespace: string | undefined;
  readonly selection: Selection;
  readonly bookmarks: boolean;
}

class Watcher {
  private pending: Pending[] = [];
  private wake: (() => void) | undefined;
  private unsubscribe: () => void = () => {};
  private sent = 0;
  private readonly cutOff = new AbortController();
  private readonly prefix: string;

  constructor(
    private readonly tools: HandlerTools,
    private readonly options: WatcherOptions,
  ) {
    const { prefix } = options.target.stored.definition;
    this.prefix = options.namespace ? `${prefix}${options.namespace}/` : prefix;
  }

  /** Aborts when too many events wait. */
  get behind(): AbortSignal {
    return this.cutOff.signal;
  }

  /** Begins with what there is, as ADDED events, and goes on from there. */
  sendInitial(withEnd: boolean): void {
    const { target, namespace, selection } = this.options;
    const { cache } = target.stored;
    this.sent = this.tools.feed.revision;
    const added = (object: CachedObject): WatchItem | undefined => (selection.matches(object.object) ? { type: 'ADDED', object } : undefined);
    for (const object of cache.list(namespace)) {
      const shown = present(target, object);
      const item = shown instanceof Promise ? shown.then(added) : added(shown);
      if (item) this.pending.push(item);
    }
    if (withEnd) this.pending.push({ type: 'BOOKMARK', revision: this.sent, initialEventsEnd: true });
    this.unsubscribe = cache.subscribe(this.sent, (event) => this.receive(event)).unsubscribe;
  }

  startAfter(revision: number): void {
    this.sent = revision;
    const { backlog, unsubscribe } = this.options.target.stored.cache.subscribe(revision, (event) => this.receive(event));
    this.unsubscribe = unsubscribe;
    for (const event of backlog) this.receive(event);
  }

  async *batches(signal: AbortSignal): AsyncGenerator<readonly WatchItem[]> {
    const { clock } = this.tools;
    const { retired } = this.options.target.served;
    const wakeUp = (): void => this.wake?.();
    signal.addEventListener('abort', wakeUp);
    retired.addEventListener('abort', wakeUp);
    try {
      while (!signal.aborted) {
        if (this.pending.length === 0 && !retired.aborted) {
          const timer = clock.after(bookmarkMs, () => this.bookmark());
          await new Promise<void>((resolve) => {
            this.wake = resolve;
            if (signal.aborted || retired.aborted) resolve();
          });
          timer.cancel();
          this.wake = undefined;
        }
        if (signal.aborted) return;
        const taken = this.pending;
        this.pending = [];
        const batch = await settled(taken);
        if (batch.length) yield batch;
        if (batch.at(-1)?.type === 'ERROR') return;
        // What is watched has got another definition, or is gone: clients begin anew.
        if (retired.aborted && this.pending.length === 0) return;
      }
    } finally {
      this.unsubscribe();
      signal.removeEventListener('abort', wakeUp);
      retired.removeEventListener('abort', wakeUp);
    }
  }

  private bookmark(): void {
    if (this.options.bookmarks) this.push({ type: 'BOOKMARK', revision: this.tools.feed.revision, initialEventsEnd: false });
    else this.wake?.();
  }

  private receive(event: CacheEvent): void {
    if (event.revision <= this.sent || !event.object.key.startsWith(this.prefix)) return;
    const item = this.view(event);
    if (item) this.push(item);
  }

  private view(event: CacheEvent): Pending | undefined {
    const { target, selection } = this.options;
    const object = present(target, event.object);
    const previous = selection.all || !event.previous ? undefined : present(target, event.previous);
    if (object instanceof Promise || previous instanceof Promise)
      return Promise.all([object, previous]).then(([one, other]) => this.viewOf(event, one, other));
    return this.viewOf(event, object, previous);
  }

  /** The event as this watcher's selectors see it: entering is ADDED, leaving is DELETED. */
  private viewOf(event: CacheEvent, object: CachedObject, previous: CachedObject | undefined): WatchItem | undefined {
    const { selection } = this.options;
    const shared = object === event.object ? { source: event } : {};
    if (selection.all) return { type: event.type, object, ...shared };
    const before = previous !== undefined && selection.matches(previous.object);
    const after = event.type !== 'DELETED' && selection.matches(object.object);
    if (after) return { type: before ? 'MODIFIED' : 'ADDED', object };
    return before ? { type: 'DELETED', object: previous.atRevision(event.revision) } : undefined;
  }

  private push(item: Pending): void {
    if (this.pending.length >= maxPending) {
      this.unsubscribe();
      this.pending = [{ type: 'ERROR', error: expired('the watcher fell too far behind and was cut off') }];
      this.cutOff.abort();
    } else this.pending.push(item);
    this.wake?.();
  }
}

/** Waits for what is still being converted. An event that cannot be converted ends the watch. */
async function settled(pending: readonly Pending[]): Promise<readonly WatchItem[]> {
  if (!pending.some((item) => item instanceof Promise)) return pending as readonly WatchItem[];
  const items: WatchItem[] = [];
  for (const item of pending)
    try {
      const done = await item;
      if (done) items.push(done);
    } catch (error) {
      return [...items, { type: 'ERROR', error: toStatusError(error) }];
    }
  return items;
}
