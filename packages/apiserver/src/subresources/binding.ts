// The binding of a pod to a node, by pods/binding or by the bindings resource; what schedulers write.
import { type Binding, type FieldError, field, type Pod, StatusError, schemaOf, setCondition } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { decodeKind } from '../registry/builtin-codec.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import type { Subresource } from './subresource.js';

const bindingSchema = schemaOf('v1', 'Binding');

const bindingDefinition = {
  info: { group: '', version: 'v1', kind: 'Binding' },
  codec: {
    decode: (value: unknown) => ({ object: decodeKind({ kind: 'Binding', version: 'v1' }, bindingSchema!, value), problems: [] }),
    applyDefaults() {},
  },
} as unknown as ResourceDefinition;

/** Errors of a binding are printed bare, with code 500, as upstream does. */
function checkTarget({ target }: Binding): void {
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== 'Node') errors.push(field.notSupported('target.kind', target.kind, ['Node', '<empty>']));
  if (!target.name) errors.push(field.required('target.name'));
  if (errors.length) throw new StatusError({ code: 500, message: errors.map(({ field: where, message }) => `${where}: ${message}`).join(', ') });
}

function conflictOf(name: string, why: string): StatusError {
  return new StatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on pods/binding "${name}": ${why}`,
    details: { name, kind: 'pods/binding' },
  });
}

export const bindingSubresource: Subresource = {
  async create(request) {
    const { target, path, context, options, tools } = request;
    const binding = decodeBody(request.body, bindingDefinition, { context, options }) as unknown as Binding;
    checkTarget(binding);
    const name = path.name ?? binding.metadata.name ?? '';
    const pods = target.stored;
    await pods.update(
      path.namespace,
      name,
      async (current) => bound(current as unknown as Pod, { binding, name, nowMs: tools.clock.now() }) as unknown as ApiObject,
      {
        context,
        dryRun: options.dryRun ?? false,
        part: 'object',
        prepare() {},
        validate: () => [],
        check: async () => {},
      },
    );
    return { code: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as unknown as ApiObject };
  },
};

function bound(pod: Pod, { binding, name, nowMs }: { binding: Binding; name: string; nowMs: number }): Pod {
  const node = binding.target.name ?? '';
  if (pod.metadata.deletionTimestamp) throw conflictOf(name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec?.nodeName) throw conflictOf(name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (pod.spec?.schedulingGates?.length) throw conflictOf(name, `pod ${name} has non-empty .spec.schedulingGates`);
  const { uid, annotations } = binding.metadata;
  if (uid && uid !== pod.metadata.uid)
    throw conflictOf(name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
  const conditions = setCondition(
    pod.status?.conditions?.filter(({ type }) => type !== 'PodScheduled'),
    { type: 'PodScheduled', status: 'True' },
    nowMs,
  );
  const { resourceVersion: _, ...metadata } = pod.metadata;
  return {
    ...pod,
    metadata: { ...metadata, ...(annotations && { annotations: { ...pod.metadata.annotations, ...annotations } }) },
    spec: { ...pod.spec!, nodeName: node },
    status: { ...pod.status, conditions: conditions.map((condition) => ({ lastProbeTime: null as unknown as string, ...condition })) },
  };
}
