// The columns in which a kind is shown by `kubectl get`.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
import type { ApiObject } from '../cache/cached-object.js';

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0: always shown; 1: with -o wide. */
  readonly priority: number;
}

/** The columns of a kind, and a row of cells for an object; `nowMs` is for ages. */
export interface TableColumns {
  readonly columns: readonly TableColumn[];
  cells(object: ApiObject, nowMs: number): readonly unknown[];
  /** Conditions of the row, which clients may style it by. */
  conditions?(object: ApiObject): readonly object[] | undefined;
}

/** The columns of a kind whose objects are of type T. */
export const columnsFor = <T>(columns: readonly TableColumn[], cells: (object: T, nowMs: number) => readonly unknown[]): TableColumns => ({
  columns,
  cells: (object, nowMs) => cells(object as unknown as T, nowMs),
});
