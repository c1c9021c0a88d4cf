// The table columns that a version of a custom resource is shown in.
import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion } from '@steersman/api';
import { ageSince, column, createdAtColumn, nameColumn } from '../../tables/default-columns.js';
import type { TableColumns } from '../../tables/table-columns.js';
import { JsonPath, JsonPathError } from './json-path.js';

/** Shown where a version names no columns. */
const age: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: createdAtColumn.description,
};

export function printerColumns({ additionalPrinterColumns }: CustomResourceDefinitionVersion): TableColumns {
  const columns = (additionalPrinterColumns?.length ? additionalPrinterColumns : [age]).map((given) => ({ given, path: pathOf(given.jsonPath) }));
  return {
    columns: [
      nameColumn,
      ...columns.map(({ given: { name, type, format = '', priority = 0, description, jsonPath } }) =>
        column(name, description || `Custom resource definition column (in JSONPath format): ${jsonPath}`, { type, format, priority }),
      ),
    ],
    cells: (object, nowMs) => [
      object.metadata.name ?? '',
      ...columns.map(({ given, path }) => {
        const [value] = path?.find(object) ?? [];
        return value === undefined || value === null ? null : cellOf(given.type, value, nowMs);
      }),
    ],
  };
}

/** A column whose path cannot be read stays empty. */
function pathOf(text: string): JsonPath | undefined {
  try {
    return new JsonPath(text);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

function cellOf(type: string, value: unknown, nowMs: number): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageSince(value, nowMs);
    default:
      return null;
  }
}
