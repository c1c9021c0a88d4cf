// What is checked of admission policies and their bindings, as far as it takes no compiler: the expressions are checked where they are compiled.
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type {
  MatchResources,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicySpec,
} from '../../gen/types.js';
import { dns1035LabelErrors, dns1123SubdomainErrors, pathSegmentErrors, qualifiedNameErrors } from '../../names.js';
import { conditionListErrors } from '../condition-validation.js';
import { forEach, invalidFor, oneOf } from '../field-checks.js';
import { validateSelector } from '../selector-validation.js';
import { conditionsErrors, ruleErrors } from './webhook-validation.js';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const actions = ['Audit', 'Deny', 'Warn'];
const maxAnnotations = 20;
const reserved = new Set([
  'as',
  'break',
  'const',
  'continue',
  'else',
  'false',
  'for',
  'function',
  'if',
  'import',
  'in',
  'let',
  'loop',
  'namespace',
  'null',
  'package',
  'return',
  'true',
  'var',
  'void',
  'while',
]);

export function validateAdmissionPolicy({ metadata, spec }: ValidatingAdmissionPolicy): FieldError[] {
  if (!spec) return [];
  const errors = oneOf('spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']);
  if (spec.paramKind) errors.push(...paramKindErrors(spec.paramKind));
  if (!spec.matchConstraints) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...matchErrors(spec.matchConstraints, 'spec.matchConstraints'));
    if (!spec.matchConstraints.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'));
  }
  errors.push(...variablesErrors(spec), ...conditionsErrors(spec.matchConditions, 'spec.matchConditions'));
  if (!spec.validations?.length && !spec.auditAnnotations?.length) {
    const why = 'validations or auditAnnotations must contain at least one item';
    return [...errors, required('spec.validations', why), required('spec.auditAnnotations', why)];
  }
  return [...errors, ...validationsErrors(spec), ...annotationsErrors(spec, metadata.name ?? '')];
}

export const validateAdmissionPolicyStatus = ({ status }: ValidatingAdmissionPolicy): FieldError[] =>
  conditionListErrors(status?.conditions, 'status.conditions');

function paramKindErrors({ apiVersion = '', kind = '' }: NonNullable<ValidatingAdmissionPolicySpec['paramKind']>): FieldError[] {
  const errors: FieldError[] = [];
  const at = 'spec.paramKind';
  const parts = apiVersion.split('/');
  if (!apiVersion) errors.push(required(`${at}.apiVersion`));
  else if (parts.length > 2) errors.push(invalid(`${at}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const [group, version = ''] = parts.length === 2 ? parts : [undefined, apiVersion];
    if (group !== undefined) errors.push(...invalidFor(`${at}.apiVersion`, group, dns1123SubdomainErrors(group)));
    errors.push(...invalidFor(`${at}.apiVersion`, version, dns1035LabelErrors(version)));
  }
  if (!kind) return [...errors, required(`${at}.kind`)];
  const wrong = dns1035LabelErrors(kind.toLowerCase());
  return wrong.length > 0 ? [...errors, invalid(`${at}.kind`, kind, `may have mixed case, but should otherwise match: ${wrong.join(',')}`)] : errors;
}

function matchErrors(
  { resourceRules, excludeResourceRules, matchPolicy, namespaceSelector, objectSelector }: MatchResources,
  path: string,
): FieldError[] {
  const named = (list: MatchResources['resourceRules'], at: string): FieldError[] =>
    forEach(list, at, (rule, one) => [
      ...ruleErrors(rule, one),
      ...forEach(rule.resourceNames, `${one}.resourceNames`, (name, place, index) => [
        ...invalidFor(place, name, pathSegmentErrors(name)),
        ...((rule.resourceNames ?? []).indexOf(name) < index ? [duplicate(place, name)] : []),
      ]),
    ]);
  return [
    ...(matchPolicy === undefined ? [required(`${path}.matchPolicy`)] : oneOf(`${path}.matchPolicy`, matchPolicy, ['Equivalent', 'Exact'])),
    ...(namespaceSelector === undefined ? [required(`${path}.namespaceSelector`)] : validateSelector(namespaceSelector, `${path}.namespaceSelector`)),
    ...(objectSelector === undefined ? [required(`${path}.objectSelector`)] : validateSelector(objectSelector, `${path}.labelSelector`)),
    ...named(resourceRules, `${path}.resourceRules`),
    ...named(excludeResourceRules, `${path}.excludeResourceRules`),
  ];
}

function variablesErrors({ variables }: ValidatingAdmissionPolicySpec): FieldError[] {
  return forEach(variables, 'spec.variables', ({ name, expression }, at) => {
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`, 'name is not specified'));
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reserved.has(name)) errors.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'));
    return expression?.trim() ? errors : [...errors, required(`${at}.expression`, 'expression is not specified')];
  });
}

function validationsErrors({ validations }: ValidatingAdmissionPolicySpec): FieldError[] {
  return forEach(validations, 'spec.validations', ({ expression = '', message, messageExpression, reason }, at) => {
    const errors = expression.trim() ? [] : [required(`${at}.expression`, 'expression is not specified')];
    if (messageExpression !== undefined && !messageExpression.trim())
      errors.push(invalid(`${at}.messageExpression`, messageExpression, 'must be non-empty if specified'));
    if (message && !message.trim()) errors.push(invalid(`${at}.message`, message, 'message must be non-empty if specified'));
    else if (message?.trim().includes('\n')) errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
    return reason !== undefined && !reasons.includes(reason) ? [...errors, notSupported(`${at}.reason`, reason, reasons)] : errors;
  });
}

/** Keys of audit annotations have the policy's name in front. */
function annotationsErrors({ auditAnnotations }: ValidatingAdmissionPolicySpec, policy: string): FieldError[] {
  const list = auditAnnotations ?? [];
  const path = 'spec.auditAnnotations';
  const errors = list.length > maxAnnotations ? [invalid(path, list, `must not have more than ${maxAnnotations} auditAnnotations`)] : [];
  const keys = new Set<string>();
  return [
    ...errors,
    ...forEach(list, path, ({ key, valueExpression = '' }, at) => {
      const found: FieldError[] = [];
      const full = `${policy}/${key}`;
      found.push(...invalidFor(`${at}.key`, full, qualifiedNameErrors(full)));
      if (keys.has(key)) found.push(duplicate(`${at}.key`, key));
      keys.add(key);
      return valueExpression.trim() ? found : [...found, required(`${at}.valueExpression`, 'valueExpression is not specified')];
    }),
  ];
}

export function validateAdmissionPolicyBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const errors: FieldError[] = [];
  const { policyName, paramRef, matchResources, validationActions = [] } = spec ?? {};
  if (!policyName) errors.push(required('spec.policyName'));
  else errors.push(...invalidFor('spec.policyName', policyName, dns1123SubdomainErrors(policyName)));
  if (paramRef) errors.push(...paramRefErrors(paramRef));
  if (matchResources) errors.push(...matchErrors(matchResources, 'spec.matchResouces'));
  const path = 'spec.validationActions';
  if (validationActions.length === 0) return [...errors, required(path, 'at least one validation action is required')];
  errors.push(
    ...forEach(validationActions, path, (action, at, index) => [
      ...(actions.includes(action) ? [] : [notSupported(at, action, actions)]),
      ...(validationActions.indexOf(action) < index ? [duplicate(at, action)] : []),
    ]),
  );
  const clash =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return validationActions.includes('Deny') && validationActions.includes('Warn') ? [...errors, invalid(path, validationActions, clash)] : errors;
}

function paramRefErrors({ name, selector, parameterNotFoundAction }: ParamRef): FieldError[] {
  const at = 'spec.paramRef';
  const errors = name ? invalidFor(`${at}.name`, name, pathSegmentErrors(name)) : [];
  const exclusive = 'name and selector are mutually exclusive';
  if (name && selector) errors.push(forbiddenField(`${at}.name`, exclusive), forbiddenField(`${at}.selector`, exclusive));
  if (!name && !selector) errors.push(required(at, 'one of name or selector must be specified'));
  if (selector) errors.push(...validateSelector(selector, `${at}.selector`));
  if (!parameterNotFoundAction) return [...errors, required(`${at}.parameterNotFoundAction`)];
  return [...errors, ...oneOf(`${at}.parameterNotFoundAction`, parameterNotFoundAction, ['Allow', 'Deny'])];
}
