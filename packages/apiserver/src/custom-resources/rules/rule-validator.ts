// Validation of objects by the rules in their schema, with a budget for what all of them cost together.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
import { type FieldError, field } from '@steersman/api';
import { type DeclaredType, identifierOf } from '@steersman/cel';
import type { Correlation } from '../schema/correlation.js';
import { child, index, key, shown } from '../schema/field-path.js';
import { sameKey } from '../schema/list-types.js';
import { isEmbedded, isRecord, itemsOf, listKeysOf, listTypeOf, propertiesOf, rulesOf, type SchemaNode, valuesOf } from '../schema/schema-node.js';
import { declaredTypeOf } from './declared-types.js';
import { type CompiledRule, compileRules, type Rule } from './rule-compilation.js';
import { hasRules } from './rule-scope.js';

/** What all rules of an object may cost together. */
const objectBudget = 10_000_000;
const maxMessageBytes = 5 * 1024;

export interface RuleOptions {
  readonly correlation?: Correlation;
  /** What is wrong but was before goes here. */
  readonly warnings?: string[];
  /** Where the value is. */
  readonly path?: string;
}

/** Thrown to end a run: its budget is spent. */
class BudgetSpent extends Error {
  override readonly name = 'BudgetSpent';
}

interface Run {
  budget: number;
  readonly errors: FieldError[];
  readonly warnings: string[];
}

interface Place {
  readonly path: string;
  readonly old: unknown;
  /** This value's correlation, and that of the nearest one above. */
  readonly correlation: Correlation | undefined;
  readonly parent: Correlation | undefined;
}

export class RuleValidator {
  private readonly rules: readonly CompiledRule[];
  private readonly items: RuleValidator | undefined;
  private readonly values: RuleValidator | undefined;
  private readonly properties = new Map<string, RuleValidator>();

  private constructor(
    private readonly schema: SchemaNode,
    private readonly type: DeclaredType | undefined,
  ) {
    this.rules = type && rulesOf(schema).length ? compileRules(schema, type) : [];
    const items = itemsOf(schema);
    const values = valuesOf(schema);
    if (items) this.items = RuleValidator.below(items, type?.kind === 'list' ? type.items : undefined);
    if (values) this.values = RuleValidator.below(values, type?.kind === 'map' ? type.values : undefined);
    for (const [name, property] of propertiesOf(schema)) {
      const identifier = identifierOf(name);
      const known = type?.kind === 'object' && identifier !== undefined ? type.fields.get(identifier)?.type : undefined;
      const validator = RuleValidator.below(property, known);
      if (validator) this.properties.set(name, validator);
    }
  }

  /** The validator of a resource's schema; undefined where it has no rules. */
  static of(schema: SchemaNode, { isResource = true }: { isResource?: boolean } = {}): RuleValidator | undefined {
    return hasRules(schema) ? new RuleValidator(schema, declaredTypeOf(schema, 'Self', isResource)) : undefined;
  }

  private static below(node: SchemaNode, type: DeclaredType | undefined): RuleValidator | undefined {
    return hasRules(node) ? new RuleValidator(node, type ?? declaredTypeOf(node, 'Self', isEmbedded(node))) : undefined;
  }

  /** The rules that a value breaks. */
  validate(value: unknown, old: unknown, { correlation, warnings = [], path = '' }: RuleOptions = {}): FieldError[] {
    const run: Run = { budget: objectBudget, errors: [], warnings };
    try {
      this.visit(value, { path, old, correlation, parent: undefined }, run);
    } catch (error) {
      if (!(error instanceof BudgetSpent)) throw error;
    }
    return run.errors;
  }

  private visit(value: unknown, place: Place, run: Run): void {
    if (value === null || value === undefined) return;
    this.checkRules(value, place, run);
    if (Array.isArray(value)) this.visitItems(value, place, run);
    else if (isRecord(value)) this.visitFields(value, place, run);
  }

  private visitItems(list: readonly unknown[], { path, old, correlation, parent }: Place, run: Run): void {
    if (!this.items) return;
    const keyed = listTypeOf(this.schema) === 'map' && Array.isArray(old);
    for (const [position, item] of list.entries()) {
      const before = keyed ? sameKey(old, item, listKeysOf(this.schema)) : undefined;
      const place = { path: index(path, position), old: before, correlation: correlation?.item(position), parent: correlation ?? parent };
      this.items.visit(item, place, run);
    }
  }

  private visitFields(object: Record<string, unknown>, { path, old, correlation, parent }: Place, run: Run): void {
    for (const [name, value] of Object.entries(object)) {
      const before = isRecord(old) ? old[name] : undefined;
      const below = { old: before, correlation: correlation?.field(name), parent: correlation ?? parent };
      this.values?.visit(value, { ...below, path: key(path, name) }, run);
      this.properties.get(name)?.visit(value, { ...below, path: child(path, name) }, run);
    }
  }

  private checkRules(value: unknown, place: Place, run: Run): void {
    for (const compiled of this.rules) this.checkRule(compiled, value, place, run);
  }

  private checkRule(compiled: CompiledRule, value: unknown, place: Place, run: Run): void {
    const { rule, expression, environment, problem, usesOldSelf } = compiled;
    const typeName = this.schema.type ?? '';
    if (problem !== undefined) run.errors.push(field.invalid(shown(place.path), typeName, `rule compile error: ${problem}`));
    if (!expression || !this.type) return;
    const isNew = place.old === undefined || place.old === null;
    if (usesOldSelf && isNew && !rule.optionalOldSelf) return;
    const variables = {
      self: environment.valueOf(value, this.type),
      ...(usesOldSelf && { oldSelf: environment.valueOf(isNew ? undefined : place.old, environment.variables['oldSelf']!) }),
    };
    const outcome = expression.evaluate(variables);
    spend(outcome.cost, { path: place.path, typeName, run });
    if ('problem' in outcome) {
      const text = outcome.problem;
      const shownRule = ruleText(rule);
      if (outcome.exceeded) {
        const detail = `'${text}': no further validation rules will be run due to call cost exceeds limit for rule: ${shownRule}`;
        run.errors.push(field.invalid(shown(place.path), typeName, detail));
        throw new BudgetSpent();
      }
      const detail = text.startsWith('no such overload')
        ? `'${text}': call arguments did not match a supported operator, function or macro signature for rule: ${shownRule}`
        : `${text} evaluating rule: ${shownRule}`;
      run.errors.push(field.invalid(shown(place.path), typeName, detail));
    } else if (outcome.value !== true) this.report(compiled, value, { place, run, variables });
  }

  private report(
    compiled: CompiledRule,
    value: unknown,
    { place, run, variables }: { place: Place; run: Run; variables: Readonly<Record<string, unknown>> },
  ): void {
    const { rule, message, fieldPath, usesOldSelf } = compiled;
    const path = fieldPath ? `${place.path}${place.path && !fieldPath.startsWith('[') ? '.' : ''}${fieldPath}` : place.path;
    let detail: string | undefined;
    if (message) {
      const outcome = message.evaluate(variables);
      spend(outcome.cost, { path: place.path, typeName: this.schema.type ?? '', run });
      if (!('problem' in outcome)) detail = usableMessage(outcome.value);
    }
    const whole = this.schema.type === 'object' || this.schema.type === 'array';
    const error = errorFor(rule, { path: shown(path), detail: detail ?? messageOf(rule), ...(!whole && { value }) });
    const forgiven = !usesOldSelf && (place.correlation ? place.correlation.unchanged : (place.parent?.unchanged ?? false));
    if (forgiven) run.warnings.push(`${error.field}: ${error.message}`);
    else run.errors.push(error);
  }
}

function spend(cost: number, { path, typeName, run }: { path: string; typeName: string; run: Run }): void {
  run.budget -= cost;
  if (run.budget >= 0) return;
  run.errors.push(
    field.invalid(shown(path), typeName, 'validation failed due to running out of cost budget, no further validation rules will be run'),
  );
  throw new BudgetSpent();
}

/** A message that was made, where it can be shown. */
function usableMessage(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > maxMessageBytes ? undefined : text;
}

const ruleText = ({ rule, message }: Rule): string => (message ? message.trim() : rule.trim());

const messageOf = (rule: Rule): string => (rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`);

interface Finding {
  readonly path: string;
  readonly detail: string;
  /** Left out where it would be a whole object. */
  readonly value?: unknown;
}

function errorFor({ reason }: Rule, { path, detail, value }: Finding): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return field.forbiddenField(path, detail);
    case 'FieldValueRequired':
      return field.required(path, detail);
    case 'FieldValueDuplicate':
      return value === undefined ? { field: path, reason, message: 'Duplicate value' } : field.duplicate(path, value);
    default:
      return value === undefined
        ? { field: path, reason: 'FieldValueInvalid', message: `Invalid value: ${detail}` }
        : field.invalid(path, value, detail);
  }
}
