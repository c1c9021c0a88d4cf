// What is checked of namespaces.
import { type FieldError, invalid } from '../../field-error.js';
import type { Namespace } from '../../gen/types.js';
import { qualifiedNameErrors } from '../../names.js';
import { forEach, invalidFor } from '../field-checks.js';
import { finalizerNameErrors } from '../object-meta/validation.js';

const path = 'spec.finalizers';

export const validateNamespace = ({ spec }: Namespace): FieldError[] =>
  (spec?.finalizers ?? []).flatMap((name) => [...invalidFor(path, name, qualifiedNameErrors(name)), ...finalizerNameErrors(name, path)]);

/** What holds when the list of finalizers is written through the namespace's `finalize`. */
export const validateNamespaceFinalize = ({ spec }: Namespace): FieldError[] =>
  forEach(spec?.finalizers, path, (name, at) => [...invalidFor(at, name, qualifiedNameErrors(name)), ...finalizerNameErrors(name, at)]);

export function validateNamespaceStatus({ metadata, status }: Namespace): FieldError[] {
  const wanted = metadata.deletionTimestamp ? 'Terminating' : 'Active';
  if (status?.phase === wanted) return [];
  const when = metadata.deletionTimestamp ? 'is not empty' : 'is empty';
  return [invalid('status.Phase', status?.phase ?? '', `may only be '${wanted}' if \`deletionTimestamp\` ${when}`)];
}
