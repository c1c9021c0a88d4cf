// DELETE of one object or of a collection.

import { ignoreNotFound } from '@steersman/api';
import type { ListOptions, ResourcePath } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { checkDeleteOptions, type DeleteRequest, deleteObject } from '../registry/deletion.js';
import type { Resource } from '../registry/resource.js';
import type { RequestContext } from '../request/request-context.js';
import { type Answer, answerWith, authorize, checkVerb, findTarget, type HandlerTools, selectedPath } from './handler-tools.js';
import { type ListAnswer, listTarget } from './read.js';

type Options = DeleteRequest['options'];

const isDryRun = ({ dryRun }: Options): boolean => dryRun?.includes('All') ?? false;

function deletion(
  tools: HandlerTools,
  context: RequestContext,
  { resource, path, options }: { resource: Resource; path: ResourcePath; options: Options },
): DeleteRequest {
  const dryRun = isDryRun(options);
  const request = {
    operation: 'DELETE' as const,
    resource,
    ...(path.namespace && { namespace: path.namespace }),
    ...(path.name && { name: path.name }),
    user: context.user,
    context,
    dryRun,
  };
  return {
    options,
    dryRun,
    check: async (old: ApiObject) => {
      const whole = { ...request, name: old.metadata.name ?? '', old };
      await tools.admission.mutate(whole);
      await tools.admission.validate(whole);
    },
  };
}

export async function deleteOne(tools: HandlerTools, context: RequestContext, path: ResourcePath, options: Options): Promise<Answer> {
  const target = findTarget(tools, path, context);
  checkVerb(target, 'delete', path);
  authorize(tools, context, 'delete', path);
  checkDeleteOptions(options);
  const resource = target.stored;
  warn(resource, context, options);
  const { gone, object } = await deleteObject(resource, path.namespace, path.name ?? '', deletion(tools, context, { resource, path, options }));
  if (!gone || resource.definition.strategy.returnsDeletedObject) return answerWith(200, target, object);
  const { info } = target.served.definition;
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.object.metadata.name ?? '',
      ...(info.group && { group: info.group }),
      kind: info.resource,
      uid: object.object.metadata.uid ?? '',
    },
  };
  return { code: 200, object: status as unknown as ApiObject };
}

function warn({ definition }: Resource, context: RequestContext, { propagationPolicy, orphanDependents }: Options): void {
  const { deletionWarning } = definition.strategy;
  if (deletionWarning && propagationPolicy === undefined && orphanDependents === undefined) context.warnings.push(deletionWarning);
}

/** How many objects of a collection are deleted at a time. */
const parallel = 32;

export async function deleteCollection(
  tools: HandlerTools,
  context: RequestContext,
  path: ResourcePath,
  options: Options,
  selectors: ListOptions,
): Promise<ListAnswer> {
  const target = findTarget(tools, path, context);
  checkVerb(target, 'deletecollection', path);
  authorize(tools, context, 'deletecollection', selectedPath(path, selectors.fieldSelector), selectors.fieldSelector);
  checkDeleteOptions(options);
  const resource = target.stored;
  warn(resource, context, options);
  const list = await listTarget(tools, target, path, selectors);
  const waiting = [...list.items];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { namespace, name = '' } = next.object.metadata;
      await deleteObject(
        resource,
        namespace,
        name,
        deletion(tools, context, { resource, path: { ...path, ...(namespace && { namespace }), name }, options }),
      ).catch(ignoreNotFound);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, work));
  return list;
}
