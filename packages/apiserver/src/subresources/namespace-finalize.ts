// namespaces/finalize: the finalizers of a namespace's spec; once none is left on one that is going, it is gone.
import { clone, type Namespace } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { trackFields } from '../handler/field-tracking.js';
import { answerWith } from '../handler/handler-tools.js';
import { type Subresource, trackedWrite } from './subresource.js';

export const namespaceFinalize: Subresource = {
  async update(request) {
    const { target, path, context, options } = request;
    const given = decodeBody(request.body, target.served.definition, { context, options }) as unknown as Namespace;
    const resource = target.stored;
    const { object } = await resource.update(
      undefined,
      path.name ?? '',
      async (current) => {
        const wanted = clone(given) as unknown as ApiObject;
        trackFields(trackedWrite(request), current, wanted);
        const { resourceVersion, managedFields } = wanted.metadata;
        return {
          ...current!,
          metadata: { ...current!.metadata, resourceVersion: resourceVersion ?? '', ...(managedFields && { managedFields }) },
          spec: given.spec ?? {},
        } as unknown as ApiObject;
      },
      { context, dryRun: options.dryRun ?? false, part: 'object', prepare() {}, validate: () => [], check: async () => {} },
    );
    const namespace = object.object as unknown as Namespace;
    const finished = namespace.metadata.deletionTimestamp && !namespace.spec?.finalizers?.length && !namespace.metadata.finalizers?.length;
    if (finished && !options.dryRun) await resource.remove(object, object.object, false).catch(() => {});
    return answerWith(200, target, object);
  },
};
