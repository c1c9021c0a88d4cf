// The discovery documents: groups, versions and resources, in the legacy and the aggregated form.
// Mirrors https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
import { builtinResources, groupVersion, type ResourceInfo } from '@steersman/api';

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

export class Discovery {
  constructor(private readonly custom: () => readonly { readonly info: ResourceInfo }[]) {}

  resources(): readonly ResourceInfo[] {
    return [...builtinResources, ...this.custom().map(({ info }) => info)];
  }

  groups(): ServedGroup[] {
    const groups = new Map<string, Set<string>>();
    for (const { group, version } of this.resources()) if (group) (groups.get(group) ?? groups.set(group, new Set()).get(group)!).add(version);
    return [...groups].map(([name, versions]) => ({ name, versions: [...versions].sort(byVersionPriority) }));
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
    const custom = new Set(this.custom().map(({ info }) => info));
    return {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: groups.map(({ name, versions }) => ({
        metadata: { ...(name && { name }), creationTimestamp: null },
        versions: versions.map((version) => ({
          version,
          resources: this.resources()
            .filter((info) => info.group === name && info.version === version)
            .sort((a, b) => (a.resource < b.resource ? -1 : 1))
            .map((info) => aggregatedResource(info, custom.has(info) ? info : { group: '', version: '' })),
          freshness: 'Current',
        })),
      })),
    };
  }
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
  { resource, singular, namespaced, kind, verbs, shortNames, categories, subresources }: ResourceInfo,
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
