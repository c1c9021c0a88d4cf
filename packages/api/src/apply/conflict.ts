// What stands against applying a configuration: fields that belong to other managers.
import { type StatusCause, StatusError } from '../status-error.js';
import type { Manager } from './managers.js';
import { describePath } from './path-element.js';

export interface Conflict {
  readonly manager: Manager;
  readonly path: readonly string[];
}

export class ApplyConflict extends Error {
  override readonly name = 'ApplyConflict';

  constructor(readonly conflicts: readonly Conflict[]) {
    super(messageOf(conflicts));
  }

  /** The 409 of it, with a cause a field. */
  toStatusError(): StatusError {
    const causes: StatusCause[] = this.conflicts.map(({ manager, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${describeManager(manager)}`,
      field: describePath(path),
    }));
    return new StatusError({ code: 409, reason: 'Conflict', message: this.message, details: { causes } });
  }
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${describeManager(first.manager)}: ${describePath(first.path)}`;
  const byManager = Map.groupBy(conflicts, ({ manager }) => manager);
  const lines = [...byManager]
    .map(([manager, own]) => [`conflicts with ${describeManager(manager)}:`, ...own.map(({ path }) => `- ${describePath(path)}`)].join('\n'))
    .sort();
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

function describeManager({ manager, operation, apiVersion, subresource }: Manager): string {
  const named = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${named} using ${apiVersion}` : named;
}
