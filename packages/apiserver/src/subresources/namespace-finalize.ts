// namespaces/finalize: the finalizers of a namespace's spec; once none is left on one that is going, it is gone.
import { clone, type Namespace, validateNamespaceFinalize } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { trackFields } from '../handler/field-tracking.js';
import { answerWith } from '../handler/handler-tools.js';
import { copyField } from '../registry/object-parts.js';
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
        return { ...wanted, spec: given.spec ?? {} };
      },
      {
        context,
        dryRun: options.dryRun ?? false,
        part: 'object',
        prepare(object, old) {
          copyField(object, old, 'status');
          object.metadata = { ...object.metadata, labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': path.name ?? '' } };
        },
        validate: (object) => validateNamespaceFinalize(object as unknown as Namespace),
        check: async () => {},
      },
    );
    return answerWith(200, target, object);
  },
};
