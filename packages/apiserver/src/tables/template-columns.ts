// The wide columns of kinds with a pod template: names and images of its containers.
import { containerNames, images, type Template } from './cell-texts.js';
import { column } from './default-columns.js';
import type { TableColumn } from './table-columns.js';

export const templateColumns: readonly TableColumn[] = [
  column('Containers', 'Names of each container in the template.', { priority: 1 }),
  column('Images', 'Images referenced by each container in the template.', { priority: 1 }),
];

export const templateCells = (template: Template | undefined): readonly string[] => [containerNames(template), images(template)];
