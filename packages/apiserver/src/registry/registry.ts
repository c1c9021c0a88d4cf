// Every resource the server serves, by group, version and name; custom ones come and go while it runs.
import { groupVersion, type ResourceInfo, resourceByPath } from '@steersman/api';
import { type RegistryTools, Resource } from './resource.js';
import type { ResourceDefinition } from './resource-definition.js';

export class Registry {
  private readonly byPath = new Map<string, Resource>();
  /** The resource as stored, whichever versions serve it. */
  private readonly byGroup = new Map<string, Resource>();

  constructor(private readonly tools: RegistryTools) {}

  /** Serves a resource; its objects are loaded before this resolves. */
  async add(definition: ResourceDefinition): Promise<Resource> {
    const cache = await this.tools.feed.open(definition.prefix);
    const resource = new Resource(definition, cache, this.tools);
    const { group, resource: name } = definition.info;
    const path = `${groupVersion(definition.info)}/${name}`;
    this.byPath.get(path)?.retire();
    this.byPath.set(path, resource);
    if (!definition.conversion && !definition.secondary) this.byGroup.set(`${group}/${name}`, resource);
    return resource;
  }

  /** Serves a resource no longer; watches of it end. */
  remove({ info, prefix }: ResourceDefinition): void {
    const path = `${groupVersion(info)}/${info.resource}`;
    this.byPath.get(path)?.retire();
    this.byPath.delete(path);
    const others = [...this.byPath.values()].some(({ definition }) => definition.prefix === prefix);
    if (others) return;
    this.byGroup.delete(`${info.group}/${info.resource}`);
    this.tools.feed.close(prefix);
  }

  /** Whether the server itself has a resource of this name. */
  isBuiltIn({ group, version, resource }: Pick<ResourceInfo, 'group' | 'version' | 'resource'>): boolean {
    return resourceByPath(group, version, resource) !== undefined;
  }

  /** The custom resources that are served now. */
  custom(): ResourceDefinition[] {
    return [...this.byPath.values()].map(({ definition }) => definition).filter(({ custom }) => custom);
  }

  find(group: string, version: string, name: string): Resource | undefined {
    return this.byPath.get(`${group ? `${group}/` : ''}${version}/${name}`);
  }

  /** A resource in its stored version; throws where the server has none of that name. */
  stored(group: string, name: string): Resource {
    const found = this.byGroup.get(`${group}/${name}`);
    if (!found) throw new Error(`the server has no resource ${group}/${name}`);
    return found;
  }

  findStored(group: string, name: string): Resource | undefined {
    return this.byGroup.get(`${group}/${name}`);
  }

  all(): IterableIterator<Resource> {
    return this.byPath.values();
  }
}
