// Paths within volumes and on nodes.
import { type FieldError, invalid } from '../../field-error.js';

const climbs = (path: string): boolean => path.split('/').includes('..');

/** A path that does not lead up. */
export const noBackstepErrors = (path: string, field: string): FieldError[] => (climbs(path) ? [invalid(field, path, "must not contain '..'")] : []);

/** A relative path that does not lead up. */
export const descendingPathErrors = (path: string, field: string): FieldError[] => [
  ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
  ...noBackstepErrors(path, field),
];

/** The same, for files in volumes, where names starting with two dots are the system's own. */
export const volumeFileErrors = (path: string, field: string): FieldError[] => {
  const errors = descendingPathErrors(path, field);
  return path.startsWith('..') && !path.startsWith('../') && path !== '..' ? [...errors, invalid(field, path, "must not start with '..'")] : errors;
};
