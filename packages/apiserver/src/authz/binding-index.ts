// Role bindings by their subjects, kept up with the cache: a request looks at the bindings of its user and nobody else's.
import type { ClusterRoleBinding, RoleBinding, Subject } from '@steersman/api';
import type { UserInfo } from '../authn/user.js';
import type { ResourceCache } from '../cache/resource-cache.js';

type Binding = RoleBinding | ClusterRoleBinding;

/** A binding, and the first of its subjects that is the user. */
export interface BoundSubject {
  readonly binding: Binding;
  readonly subject: Subject;
}

type Bound = BoundSubject & { readonly position: number };

export class BindingIndex {
  /** By namespace and subject, then by the binding's name. */
  private readonly bySubject = new Map<string, Map<string, Bound>>();

  constructor(cache: Pick<ResourceCache, 'list' | 'follow'>) {
    for (const { object } of cache.list()) this.add(object as unknown as Binding);
    cache.follow(({ type, object, previous }) => {
      if (previous) this.remove(previous.object as unknown as Binding);
      if (type !== 'DELETED') this.add(object.object as unknown as Binding);
    });
  }

  /** The bindings of the cluster, or of a namespace, that the user is a subject of; in the order of their names. */
  of({ name, groups }: UserInfo, namespace = ''): readonly BoundSubject[] {
    const found = new Map<string, Bound>();
    const collect = (bindings: ReadonlyMap<string, Bound> | undefined): void => {
      for (const [binding, bound] of bindings ?? []) if ((found.get(binding)?.position ?? Infinity) > bound.position) found.set(binding, bound);
    };
    collect(this.bySubject.get(keyOf(namespace, 'User', name)));
    for (const group of groups) collect(this.bySubject.get(keyOf(namespace, 'Group', group)));
    const bindings = [...found.values()];
    return bindings.length < 2 ? bindings : bindings.sort(byName);
  }

  private add(binding: Binding): void {
    const name = binding.metadata.name ?? '';
    for (const [position, subject] of (binding.subjects ?? []).entries()) {
      const key = subjectKey(subject, binding.metadata.namespace ?? '');
      if (key === undefined) continue;
      const bindings = this.bySubject.get(key) ?? new Map<string, Bound>();
      this.bySubject.set(key, bindings);
      if (!bindings.has(name)) bindings.set(name, { binding, subject, position });
    }
  }

  private remove({ metadata, subjects = [] }: Binding): void {
    for (const subject of subjects) {
      const key = subjectKey(subject, metadata.namespace ?? '');
      const bindings = key === undefined ? undefined : this.bySubject.get(key);
      bindings?.delete(metadata.name ?? '');
      if (bindings?.size === 0) this.bySubject.delete(key!);
    }
  }
}

const keyOf = (namespace: string, kind: 'User' | 'Group', name: string): string => `${namespace}/${kind}/${name}`;

/** A service account is the user it acts as; one that is named without a namespace is of the binding's own. */
function subjectKey({ kind, name, namespace: own }: Subject, namespace: string): string | undefined {
  if (kind === 'User' || kind === 'Group') return keyOf(namespace, kind, name);
  const home = own || namespace;
  return kind === 'ServiceAccount' && home ? keyOf(namespace, 'User', `system:serviceaccount:${home}:${name}`) : undefined;
}

const byName = ({ binding: a }: Bound, { binding: b }: Bound): number => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1);
