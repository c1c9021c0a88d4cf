// The discovery documents: groups, versions and resources, in the legacy and the aggregated form.
// Mirrors https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
import { type APIResource, builtinResources, groupVersion, type ResourceInfo } from '@steersman/api';
import { type ApiPriority, customPriority, priorityOf } from '../aggregation/api-priorities.js';

const byVersionPriority = (a: string, b: string): number => rank(b) - rank(a);

const rank = (version: string): number => {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return -1;
  const [, major, stage, minor] = match;
  return (stage === undefined ? 2 : stage === 'beta' ? 1 : 0) * 1e6 + Number(major) * 1e3 + Number(minor ?? 0);
};

/** The groups that are served, with their versions, the preferred one first. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/** A version that another server has. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly priority: ApiPriority;
  /** Undefined as long as its server has not told. */
  readonly resources: readonly APIResource[] | undefined;
}

export interface DiscoverySources {
  /** The custom resources that are served now. */
  custom(): readonly { readonly info: ResourceInfo }[];
  remote(): readonly RemoteVersion[];
}

const ownRegistration = 'apiregistration.k8s.io';

export class Discovery {
  constructor(private readonly sources: DiscoverySources) {}

  /** What this server itself has. */
  resources(): readonly ResourceInfo[] {
    return [...builtinResources, ...this.sources.custom().map(({ info }) => info)];
  }

  /** By priority; the registration of APIs comes first. */
  groups(): ServedGroup[] {
    const groups = new Map<string, Map<string, ApiPriority>>();
    const add = (group: string, version: string, priority: ApiPriority): void => {
      if (group) (groups.get(group) ?? groups.set(group, new Map()).get(group)!).set(version, priority);
    };
    for (const info of builtinResources) add(info.group, info.version, priorityOf(info));
    for (const { info } of this.sources.custom()) add(info.group, info.version, customPriority);
    for (const { group, version, priority } of this.sources.remote()) add(group, version, priority);
    const rankOf = (versions: Map<string, ApiPriority>): number => Math.max(...[...versions.values()].map(({ group }) => group));
    return [...groups]
      .sort(([a, x], [b, y]) => Number(b === ownRegistration) - Number(a === ownRegistration) || rankOf(y) - rankOf(x) || (a < b ? -1 : 1))
      .map(([name, versions]) => ({
        name,
        versions: [...versions].sort(([a, x], [b, y]) => y.version - x.version || byVersionPriority(a, b)).map(([version]) => version),
      }));
  }

  /** /api */
  coreVersions(serverAddress: string): object {
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
  }

  /** /apis */
  groupList(): object {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.groups().map(groupEntry) };
  }

  /** /apis/GROUP */
  group(name: string): object | undefined {
    const found = this.groups().find((group) => group.name === name);
    return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) };
  }

  /** /api/v1 and /apis/GROUP/VERSION */
  resourceList(group: string, version: string): object | undefined {
    const infos = this.resources().filter((info) => info.group === group && info.version === version);
    if (infos.length === 0) return undefined;
    return {
      kind: 'APIResourceList',
      ...(group && { apiVersion: 'v1' }),
      groupVersion: groupVersion({ group, version }),
      resources: infos.flatMap(resourceEntries).sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  /** The aggregated document of /api (core) or /apis (all others). */
  aggregated(root: 'api' | 'apis'): object {
    const groups = root === 'api' ? [{ name: '', versions: ['v1'] }] : this.groups();
    return {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: groups.map(({ name, versions }) => ({
        metadata: { ...(name && { name }), creationTimestamp: null },
        versions: versions.map((version) => this.aggregatedVersion(name, version)),
      })),
    };
  }

  private aggregatedVersion(group: string, version: string): object {
    const remote = this.sources.remote().find((one) => one.group === group && one.version === version);
    if (remote) return { version, resources: remoteResources(remote), freshness: remote.resources ? 'Current' : 'Stale' };
    const custom = new Set(this.sources.custom().map(({ info }) => info));
    const resources = this.resources()
      .filter((info) => info.group === group && info.version === version)
      .sort((a, b) => (a.resource < b.resource ? -1 : 1))
      .map((info) => aggregatedResource(info, custom.has(info) ? info : { group: '', version: '' }));
    return { version, resources, freshness: 'Current' };
  }
}

/** The aggregated form of what another server says of its resources in the legacy one. */
function remoteResources({ group, version, resources = [] }: RemoteVersion): object[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((main) => {
      const subresources = resources
        .filter(({ name }) => name.startsWith(`${main.name}/`))
        .map((sub) => ({ ...sub, name: sub.name.slice(main.name.length + 1), verbs: sub.verbs }));
      const { shortNames = [], categories = [] } = main;
      return aggregatedResource(
        { ...main, resource: main.name, singular: main.singularName, shortNames, categories, subresources },
        { group: main.group ?? group, version: main.version ?? version },
      );
    });
}

const groupEntry = ({ name, versions }: ServedGroup): object => {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
};

interface Entry {
  readonly name: string;
}

function resourceEntries(info: ResourceInfo): Entry[] {
  const { resource, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash, subresources } = info;
  const main = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
    ...(storageVersionHash && { storageVersionHash }),
  };
  return [
    main,
    ...subresources.map((sub) => ({
      name: `${resource}/${sub.name}`,
      singularName: '',
      namespaced,
      ...(sub.group && { group: sub.group }),
      ...(sub.version && { version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ];
}

/** Built-in resources leave out the group and version of a kind that are their own. */
function aggregatedResource(
  {
    resource,
    singular,
    namespaced,
    kind,
    verbs,
    shortNames,
    categories,
    subresources,
  }: Omit<ResourceInfo, 'group' | 'version' | 'listKind' | 'storageVersionHash'>,
  { group, version }: Pick<ResourceInfo, 'group' | 'version'>,
): object {
  return {
    resource,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
    ...(subresources.length && {
      subresources: [...subresources]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((sub) => ({
          subresource: sub.name,
          responseKind: {
            group: sub.group ?? group,
            version: sub.version ?? version,
            kind: sub.kind,
          },
          verbs: sub.verbs,
        })),
    }),
  };
}
