// Validation of a value by its schema, in upstream's words: types, bounds, patterns, enumerations, combinations.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
import { deepEqual, type FieldError, field } from '@steersman/api';
import { formatCheck, patternOf } from '@steersman/cel';
import type { Correlation } from './correlation.js';
import { shown } from './field-path.js';
import { isIntOrString, isRecord, itemsOf, type Json, propertyOf, type SchemaNode, valuesOf } from './schema-node.js';

/** What was found, and how many checks held: alternatives are told apart by that. */
interface Outcome {
  readonly errors: FieldError[];
  matches: number;
}

/** Where a value is: `path` as messages name it, below `prefix`, which only the field shows. */
interface Place {
  readonly path: string;
  readonly prefix: string;
}

/** The errors of a value; those of values that did not change are forgiven where a correlation is given. */
export const validateValue = (schema: SchemaNode, value: unknown, prefix = '', correlation?: Correlation): FieldError[] =>
  check(schema, value, { path: '', prefix }, correlation).errors;

function fieldAt({ path, prefix }: Place): string {
  const own = path.startsWith('.') ? path.slice(1) : path;
  return shown(prefix && own ? `${prefix}.${own}` : prefix || own);
}

const jsonTypeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const typesOf = (schema: SchemaNode): string[] => (isIntOrString(schema) ? ['integer', 'string'] : schema.type ? [schema.type] : []);

function check(schema: SchemaNode, value: unknown, place: Place, correlation?: Correlation): Outcome {
  const outcome = checkAll(schema, value, place, correlation);
  if (outcome.errors.length && correlation?.unchanged) outcome.errors.length = 0;
  return outcome;
}

function checkAll(schema: SchemaNode, value: unknown, place: Place, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { errors: [], matches: 1 };
  const add = (errors: readonly FieldError[]): void => {
    outcome.errors.push(...errors);
    if (errors.length === 0) outcome.matches++;
  };
  add(typeErrors(schema, value, place));
  if (value !== null) {
    const combined = combinationErrors(schema, value, place, correlation);
    outcome.matches += combined.matches;
    add(combined.errors);
    if (typeof value === 'string') add([...textErrors(schema, value, place), ...formatErrors(schema, value, place)]);
    if (typeof value === 'number') add(numberErrors(schema, value, place));
  }
  if (Array.isArray(value)) merge(outcome, checkList(schema, value, place, correlation));
  add(enumErrors(schema, value, place));
  if (isRecord(value)) merge(outcome, checkObject(schema, value, place, correlation));
  return outcome;
}

function merge(outcome: Outcome, other: Outcome): void {
  outcome.errors.push(...other.errors);
  outcome.matches += other.matches;
}

const wrongType = (place: Place, wanted: string, actual: string): FieldError =>
  field.typeInvalid(fieldAt(place), actual, `${place.path} in body must be of type ${wanted}: ${JSON.stringify(actual)}`);

function typeErrors(schema: SchemaNode, value: unknown, place: Place): FieldError[] {
  const types = typesOf(schema);
  const actual = jsonTypeOf(value);
  if (value === null) return types.length && !schema.nullable ? [wrongType(place, types.join(','), actual)] : [];
  const format = formatCheck(schema.format) ? schema.format : undefined;
  if (types.length === 0 && !format) return [];
  const fits = types.includes(actual) || (actual === 'integer' && types.includes('number'));
  const textual = typeof value === 'string' || Array.isArray(value);
  if (!textual && format && !fits) return [wrongType(place, format, actual === 'integer' ? 'int64' : actual === 'number' ? 'float64' : '')];
  const numeric = types.includes('number') || types.includes('integer');
  if (!numeric && format && textual) return [];
  return fits ? [] : [wrongType(place, types.join(','), actual)];
}

const unfit = (place: Place, value: unknown, what: string): FieldError => field.invalid(fieldAt(place), value, `${place.path} in body ${what}`);

/** Only the first thing wrong with a text is told. */
function textErrors({ maxLength, minLength, pattern }: SchemaNode, text: string, place: Place): FieldError[] {
  const length = maxLength === undefined && minLength === undefined ? 0 : [...text].length;
  if (maxLength !== undefined && length > maxLength) return [field.tooLong(fieldAt(place), maxLength)];
  if (minLength !== undefined && length < minLength) return [unfit(place, text, `should be at least ${minLength} chars long`)];
  if (!pattern) return [];
  const compiled = patternOf(pattern);
  if ('problem' in compiled) return [unfit(place, text, `should match '${pattern}, but pattern is invalid: ${compiled.problem}'`)];
  return compiled.matches(text) ? [] : [unfit(place, text, `should match '${pattern}'`)];
}

function formatErrors({ format }: SchemaNode, text: string, place: Place): FieldError[] {
  const valid = formatCheck(format);
  if (!valid || valid(text)) return [];
  return [field.typeInvalid(fieldAt(place), text, `${place.path} in body must be of type ${format}: ${JSON.stringify(text)}`)];
}

const nearlyWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-9 * Math.max(1, Math.abs(value));

function numberErrors(schema: SchemaNode, value: number, place: Place): FieldError[] {
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema;
  const errors: FieldError[] = [];
  if (multipleOf !== undefined && multipleOf <= 0)
    errors.push(field.invalid(fieldAt(place), value, `factor MultipleOf declared for ${place.path} must be positive: ${multipleOf}`));
  else if (multipleOf !== undefined && !nearlyWhole(value / multipleOf)) errors.push(unfit(place, value, `should be a multiple of ${multipleOf}`));
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum))
    errors.push(unfit(place, value, exclusiveMinimum ? `should be greater than ${minimum}` : `should be greater than or equal to ${minimum}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum))
    errors.push(unfit(place, value, exclusiveMaximum ? `should be less than ${maximum}` : `should be less than or equal to ${maximum}`));
  return errors;
}

function enumErrors({ enum: allowed }: SchemaNode, value: unknown, place: Place): FieldError[] {
  if (!allowed?.length || allowed.some((one) => deepEqual(one, value))) return [];
  const texts = allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return [field.notSupported(fieldAt(place), value, texts)];
}

function checkList(schema: SchemaNode, list: readonly unknown[], place: Place, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { errors: [], matches: 1 };
  const items = itemsOf(schema);
  if (items)
    for (const [position, item] of list.entries())
      merge(outcome, check(items, item, { ...place, path: `${place.path}[${position}]` }, correlation?.item(position)));
  const { minItems, maxItems, uniqueItems } = schema;
  if (minItems !== undefined && list.length < minItems) outcome.errors.push(unfit(place, list.length, `should have at least ${minItems} items`));
  if (maxItems !== undefined && list.length > maxItems) outcome.errors.push(field.tooMany(fieldAt(place), list.length, maxItems));
  if (uniqueItems && list.some((one, position) => list.findIndex((other) => deepEqual(one, other)) < position))
    outcome.errors.push(unfit(place, '', `shouldn't contain duplicates`));
  return outcome;
}

function checkObject(schema: SchemaNode, object: Json, place: Place, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { errors: sizeErrors(schema, object, place), matches: 0 };
  const values = valuesOf(schema);
  for (const [name, value] of Object.entries(object)) {
    const property = propertyOf(schema, name);
    // The kind and version of the whole object are not forgiven: both sides were brought to the same.
    const before = place.path === '' && (name === 'kind' || name === 'apiVersion') ? undefined : correlation?.field(name);
    if (property) merge(outcome, check(property, value, { ...place, path: place.path ? `${place.path}.${name}` : name }, before));
    else if (values) merge(outcome, check(values, value, { ...place, path: `${place.path}.${name}` }, before));
    else if (schema.additionalProperties === false)
      outcome.errors.push(field.invalid(fieldAt(place), name, `${place.path}.${name} in body is a forbidden property`));
  }
  for (const name of schema.required ?? [])
    if (object[name] === undefined) outcome.errors.push(field.required(fieldAt({ ...place, path: `${place.path}.${name}` })));
  return outcome;
}

function sizeErrors({ minProperties, maxProperties }: SchemaNode, object: Json, place: Place): FieldError[] {
  const size = Object.keys(object).length;
  return [
    ...(minProperties !== undefined && size < minProperties ? [unfit(place, size, `should have at least ${minProperties} properties`)] : []),
    ...(maxProperties !== undefined && size > maxProperties ? [field.tooMany(fieldAt(place), size, maxProperties)] : []),
  ];
}

/** What is wrong with a combination of schemas is told of the whole object, naming the place. */
const combined = ({ path, prefix }: Place, what: string): FieldError => field.invalid(shown(prefix), '', `${JSON.stringify(path)} ${what}`);

function combinationErrors(schema: SchemaNode, value: unknown, place: Place, correlation: Correlation | undefined): Outcome {
  const outcome: Outcome = { errors: [], matches: 0 };
  const each = (schemas: readonly SchemaNode[] | undefined): Outcome[] => (schemas ?? []).map((one) => checkAll(one, value, place, correlation));
  const any = each(schema.anyOf);
  if (any.length) {
    const valid = any.find(({ errors }) => errors.length === 0);
    if (!valid) outcome.errors.push(combined(place, 'must validate at least one schema (anyOf)'));
    merge(outcome, valid ?? best(any));
  }
  const one = each(schema.oneOf);
  if (one.length) {
    const valid = one.filter(({ errors }) => errors.length === 0);
    if (valid.length !== 1) {
      const found = valid.length ? `Found ${valid.length} valid alternatives` : 'Found none valid';
      outcome.errors.push(combined(place, `must validate one and only one schema (oneOf). ${found}`));
    }
    if (valid.length <= 1) merge(outcome, valid[0] ?? best(one));
  }
  const all = each(schema.allOf);
  for (const each of all) merge(outcome, each);
  const held = all.filter(({ errors }) => errors.length === 0).length;
  if (held !== all.length) outcome.errors.push(combined(place, `must validate all the schemas (allOf)${held === 0 ? '. None validated' : ''}`));
  if (schema.not && checkAll(schema.not, value, place, correlation).errors.length === 0)
    outcome.errors.push(combined(place, 'must not validate the schema (not)'));
  return outcome;
}

/** The alternative with the most checks that held. */
const best = (outcomes: readonly Outcome[]): Outcome => outcomes.reduce((most, one) => (one.matches > most.matches ? one : most));
