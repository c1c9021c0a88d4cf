// The rules of a schema as they are checked with its definition: whether they compile, and what they may cost.

import { type FieldError, field, goStruct } from '@steersman/api';
import { type DeclaredType, identifierOf } from '@steersman/cel';
import { child, index } from '../schema/field-path.js';
import { isEmbedded, rulesOf, type SchemaNode, valuesOf } from '../schema/schema-node.js';
import { declaredTypeOf, maxRequestBytes } from './declared-types.js';
import { type CompiledRule, compileRules } from './rule-compilation.js';
import { costMessage, ruleCostLimit, type SchemaCosts } from './schema-costs.js';

export interface RulePlace {
  readonly path: string;
  readonly costs: SchemaCosts;
  /** The first schema above whose values cannot be found again in an older version of the object. */
  readonly uncorrelatable?: string;
  /** The schema is what it was: what each of its rules costs is not asked again. */
  readonly unchanged: boolean;
}

/** A node of a schema, with its type and how often its values may occur in an object. */
export class RuleScope {
  private constructor(
    private readonly node: SchemaNode,
    private readonly type: DeclaredType | undefined,
    /** Undefined where nothing bounds it. */
    private readonly cardinality: number | undefined,
  ) {}

  static ofRoot(node: SchemaNode): RuleScope {
    return new RuleScope(node, declaredTypeOf(node, 'Self', true), 1);
  }

  ofProperty(name: string, node: SchemaNode): RuleScope {
    const identifier = identifierOf(name);
    const known = this.type?.kind === 'object' && identifier !== undefined ? this.type.fields.get(identifier)?.type : undefined;
    return this.below(node, known ?? declaredTypeOf(node, 'Self', isEmbedded(node)));
  }

  ofItems(node: SchemaNode): RuleScope {
    return this.below(node, this.type?.kind === 'list' ? this.type.items : declaredTypeOf(node, 'Self', isEmbedded(node)));
  }

  ofValues(node: SchemaNode): RuleScope {
    return this.below(node, this.type?.kind === 'map' ? this.type.values : declaredTypeOf(node, 'Self', isEmbedded(node)));
  }

  private below(node: SchemaNode, type: DeclaredType | undefined): RuleScope {
    const elements = maxElements(this.node);
    const cardinality = this.cardinality === undefined || elements === undefined ? undefined : this.cardinality * elements;
    return new RuleScope(node, type, cardinality);
  }

  /** What is wrong with the node's rules. */
  ruleErrors(place: RulePlace): FieldError[] {
    const at = child(place.path, 'x-kubernetes-validations');
    if (!this.type)
      return [{ field: at, reason: 'InternalError', message: 'Internal error: failed to retrieve type information for x-kubernetes-validations' }];
    const { type } = this;
    return compileRules(this.node, type).flatMap((compiled, position) => this.errorsOf(compiled, { ...place, path: index(at, position) }, type));
  }

  private errorsOf(compiled: CompiledRule, place: RulePlace, type: DeclaredType): FieldError[] {
    const { path } = place;
    const { rule, expression, message, problem, messageProblem } = compiled;
    const times = this.cardinality ?? Math.floor(maxRequestBytes / (type.minBytes + 1));
    const cost = (expression?.estimate() ?? 0) * times;
    return [
      ...this.costErrors(cost, { ...place, path: child(path, 'rule') }, 'estimated rule cost'),
      ...(problem === undefined ? [] : [field.invalid(child(path, 'rule'), goStruct(rule), problem)]),
      ...(messageProblem === undefined ? [] : [field.invalid(child(path, 'messageExpression'), goStruct(rule), messageProblem)]),
      ...(message
        ? this.costErrors(message.estimate(), { ...place, path: child(path, 'messageExpression') }, 'estimated messageExpression cost')
        : []),
      ...oldSelfErrors(compiled, place),
    ];
  }

  private costErrors(cost: number, { path, costs, unchanged }: RulePlace, what: string): FieldError[] {
    costs.add(path, cost);
    return cost > ruleCostLimit && !unchanged ? [field.forbiddenField(path, costMessage(what, cost, ruleCostLimit))] : [];
  }
}

function oldSelfErrors({ rule, usesOldSelf }: CompiledRule, { path, uncorrelatable }: RulePlace): FieldError[] {
  if (!usesOldSelf)
    return rule.optionalOldSelf === undefined
      ? []
      : [field.invalid(child(path, 'optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule')];
  if (uncorrelatable === undefined) return [];
  return [
    field.invalid(child(path, 'rule'), rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`),
  ];
}

/** How many elements a list or map may have; 1 for all else, undefined where nothing bounds it. */
function maxElements(node: SchemaNode): number | undefined {
  if (node.type === 'array') return node.maxItems === undefined ? undefined : Math.max(0, node.maxItems);
  if (node.type === 'object' && valuesOf(node)) return node.maxProperties === undefined ? undefined : Math.max(0, node.maxProperties);
  return 1;
}

/** Whether a schema, or any below it, has rules. */
export function hasRules(node: SchemaNode): boolean {
  if (rulesOf(node).length) return true;
  const below = [node.items, node.additionalProperties, ...Object.values(node.properties ?? {})];
  return below.some((one) => typeof one === 'object' && one !== null && !Array.isArray(one) && hasRules(one as SchemaNode));
}
