// What is checked of the managers of an object, and of those that requests name.
import { type FieldError, invalid, tooLong } from '../../field-error.js';
import type { ObjectMeta } from '../../gen/types.js';

const longestManager = 128;
const longestSubresource = 256;
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

export function fieldManagerErrors(path: string, manager: string): FieldError[] {
  const errors: FieldError[] = Buffer.byteLength(manager) > longestManager ? [tooLong(path, longestManager)] : [];
  let position = 0;
  for (const character of manager) {
    if (!printable.test(character)) {
      const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalid(path, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += Buffer.byteLength(character);
  }
  return errors;
}

export const managedFieldsErrors = (entries: ObjectMeta['managedFields']): FieldError[] =>
  (entries ?? []).flatMap(({ manager = '', subresource = '' }, index) => [
    ...fieldManagerErrors(`metadata.managedFields[${index}].manager`, manager),
    ...(Buffer.byteLength(subresource) > longestSubresource ? [tooLong(`metadata.managedFields[${index}].subresource`, longestSubresource)] : []),
  ]);
