// format.named() and the formats of names and values.
// Mirrors https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library
import { Optional } from '@marcbachmann/cel-js';
import { names } from '@steersman/api';
import { formatCheck } from '../formats.js';
import { functions, type Library, namespace } from './library.js';

export class Format {
  constructor(
    readonly name: string,
    readonly errors: (text: string) => readonly string[],
  ) {}

  equals(other: unknown): boolean {
    return other instanceof Format && other.name === this.name;
  }
}

const { dns1035LabelErrors, dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } = names;

/** A name may end with a dash where something is added to it. */
const prefix =
  (errors: (text: string) => string[]) =>
  (text: string): string[] =>
    errors(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

const checked =
  (format: string, wrong: string) =>
  (text: string): string[] =>
    formatCheck(format)!(text) ? [] : [wrong];

const uriErrors = (text: string): string[] =>
  formatCheck('uri')!(text) ? [] : [`parse ${JSON.stringify(text)}: ${text === '' ? 'empty url' : 'invalid URI for request'}`];

const errorsByName: Readonly<Record<string, (text: string) => readonly string[]>> = {
  dns1123Label: dns1123LabelErrors,
  dns1123Subdomain: dns1123SubdomainErrors,
  dns1035Label: dns1035LabelErrors,
  qualifiedName: qualifiedNameErrors,
  dns1123LabelPrefix: prefix(dns1123LabelErrors),
  dns1123SubdomainPrefix: prefix(dns1123SubdomainErrors),
  dns1035LabelPrefix: prefix(dns1035LabelErrors),
  labelValue: labelValueErrors,
  uri: uriErrors,
  uuid: checked('uuid', 'does not match the UUID format'),
  byte: checked('byte', 'invalid base64'),
  date: checked('date', 'invalid date'),
  datetime: checked('datetime', 'invalid datetime'),
};

const formats = new Map(Object.entries(errorsByName).map(([name, errors]) => [name, new Format(name, errors)]));

function validate({ errors }: Format, text: string): Optional {
  const found = errors(text);
  return found.length ? Optional.of([...found]) : Optional.none();
}

export const formatLibrary: Library = (environment) => {
  const name = 'kubernetes.NamedFormat';
  environment.registerType(name, Format);
  environment.registerOperator(`${name} == ${name}`, (a: Format, b: Format) => a.equals(b));
  namespace(environment, 'format', 'FormatNamespace');
  functions(environment, {
    [`${name}.validate(string): optional<list<string>>`]: validate,
    [`FormatNamespace.named(string): optional<${name}>`]: (_: unknown, wanted: string) => {
      const found = formats.get(wanted);
      return found ? Optional.of(found) : Optional.none();
    },
    ...Object.fromEntries([...formats].map(([each, format]) => [`FormatNamespace.${each}(): ${name}`, () => format])),
  });
};
