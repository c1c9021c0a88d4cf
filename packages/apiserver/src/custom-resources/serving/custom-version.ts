// One served version of a custom resource, with what its definition says about it.
import { createHash } from 'node:crypto';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, ResourceInfo } from '@steersman/api';
import type { SchemaNode } from '../schema/schema-node.js';

export interface CustomVersion {
  readonly info: ResourceInfo;
  readonly version: CustomResourceDefinitionVersion;
  /** The schema of every version, served or not, by name. */
  readonly schemas: ReadonlyMap<string, SchemaNode>;
  readonly storageVersion: string;
}

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const verbsOfTheTerminating = ['delete', 'deletecollection', 'get', 'list', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

/** What stands for a version in discovery, so that clients see when the stored form changes. */
const versionHash = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 8).toString('base64');

/** The versions that a definition serves under the names it was given. */
export function customVersions({ spec, status, metadata }: CustomResourceDefinition): CustomVersion[] {
  const names = status?.acceptedNames ?? spec.names;
  const storageVersion = spec.versions.find(({ storage }) => storage)?.name ?? '';
  const schemas = new Map(spec.versions.map(({ name, schema }) => [name, schema?.openAPIV3Schema ?? {}]));
  const common = {
    group: spec.group,
    resource: names.plural,
    singular: names.singular ?? '',
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    namespaced: spec.scope === 'Namespaced',
    verbs: metadata.deletionTimestamp ? verbsOfTheTerminating : verbs,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    storageVersionHash: versionHash(`${spec.group}/${storageVersion}/${names.kind}`),
  };
  return spec.versions
    .filter(({ served }) => served)
    .map((version) => ({
      info: { ...common, version: version.name, subresources: subresourcesOf(version, names.kind) },
      version,
      schemas,
      storageVersion,
    }));
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, kind: string): ResourceInfo['subresources'] {
  return [
    ...(subresources?.status ? [{ name: 'status', kind, verbs: subresourceVerbs }] : []),
    ...(subresources?.scale ? [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: subresourceVerbs }] : []),
  ];
}

/** The warning to clients of a version that is on its way out. */
export function deprecationWarning({ info, version }: CustomVersion, all: readonly CustomVersion[]): string | undefined {
  if (!version.deprecated) return undefined;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const better = all
    .filter((other) => !other.version.deprecated && compareVersions(other.info.version, info.version) > 0)
    .map((other) => other.info.version)
    .sort((a, b) => compareVersions(b, a));
  const text = `${info.group}/${info.version} ${info.kind} is deprecated`;
  return better.length ? `${text}; use ${info.group}/${better[0]} ${info.kind}` : text;
}

/** Compares versions as Kubernetes ranks them: stable before beta before alpha, higher before lower, all others last. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  if (left && right) {
    for (const [index, part] of left.entries()) if (part !== right[index]) return part - right[index]!;
    return 0;
  }
  if (left) return 1;
  if (right) return -1;
  return a < b ? 1 : a > b ? -1 : 0;
}

const stages: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

function rank(version: string): number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  return match ? [match[2] ? stages[match[2]]! : 2, Number(match[1]), Number(match[3] ?? 0)] : undefined;
}
