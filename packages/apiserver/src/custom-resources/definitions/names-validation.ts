// What is checked of the names that a definition asks for or was given.
import { type CustomResourceDefinitionNames, type FieldError, field, names as nameRules } from '@steersman/api';

const { dns1035LabelErrors } = nameRules;

const labelErrors = (value: string | undefined, path: string): FieldError[] => {
  const errors = value ? dns1035LabelErrors(value) : [];
  return errors.length ? [field.invalid(path, value, errors.join(','))] : [];
};

function kindErrors(kind: string | undefined, path: string): FieldError[] {
  const errors = kind ? dns1035LabelErrors(kind.toLowerCase()) : [];
  return errors.length ? [field.invalid(path, kind, `may have mixed case, but should otherwise match: ${errors.join(',')}`)] : [];
}

const everyLabel = (values: readonly string[] | undefined, path: string): FieldError[] =>
  (values ?? []).flatMap((value, index) => {
    const errors = dns1035LabelErrors(value);
    return errors.length ? [field.invalid(`${path}[${index}]`, value, errors.join(','))] : [];
  });

export function validateNames(names: CustomResourceDefinitionNames, path: string): FieldError[] {
  const { plural, singular, kind, listKind, shortNames, categories } = names;
  return [
    ...labelErrors(plural, `${path}.plural`),
    ...labelErrors(singular, `${path}.singular`),
    ...kindErrors(kind, `${path}.kind`),
    ...kindErrors(listKind, `${path}.listKind`),
    ...everyLabel(shortNames, `${path}.shortNames`),
    ...(kind && kind === listKind ? [field.invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...everyLabel(categories, `${path}.categories`),
  ];
}
