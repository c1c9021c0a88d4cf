// What is checked of validation rules without compiling them: that they are there, their messages, reasons and field paths.
import { type FieldError, field } from '@steersman/api';
import { child, index } from '../schema/field-path.js';
import { rulesOf, type SchemaNode } from '../schema/schema-node.js';
import { schemaAtPath } from '../schema/schema-path.js';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const lineBreak = /[\n\r]/;
const noBreaks = 'must not contain line breaks';
const notEmpty = 'must be non-empty if specified';

type Rule = ReturnType<typeof rulesOf>[number];

export const validateRuleForms = (node: SchemaNode, path: string): FieldError[] =>
  rulesOf(node).flatMap((rule, position) => {
    const at = index(child(path, 'x-kubernetes-validations'), position);
    return [...textErrors(rule, at), ...reasonErrors(rule, at), ...pathErrors(rule, at, node)];
  });

function textErrors({ rule, message = '', messageExpression = '' }: Rule, at: string): FieldError[] {
  const expression =
    messageExpression && !messageExpression.trim() ? [field.required(`${at}.messageExpression`, `messageExpression ${notEmpty}`)] : [];
  if (!rule.trim()) return [field.required(`${at}.rule`, 'rule is not specified'), ...expression];
  if (message && !message.trim()) return [field.invalid(`${at}.message`, message, notEmpty), ...expression];
  if (lineBreak.test(message.trim())) return [field.invalid(`${at}.message`, message, noBreaks), ...expression];
  if (lineBreak.test(rule.trim()) && !message.trim())
    return [field.required(`${at}.message`, 'message must be specified if rule contains line breaks'), ...expression];
  return expression;
}

const reasonErrors = ({ reason }: Rule, at: string): FieldError[] =>
  reason === undefined || reasons.includes(reason) ? [] : [field.notSupported(`${at}.reason`, reason, reasons)];

function pathErrors({ fieldPath }: Rule, at: string, node: SchemaNode): FieldError[] {
  if (!fieldPath) return [];
  return [
    ...(fieldPath.trim() ? [] : [field.invalid(`${at}.fieldPath`, fieldPath, notEmpty)]),
    ...(lineBreak.test(fieldPath) ? [field.invalid(`${at}.fieldPath`, fieldPath, noBreaks)] : []),
    ...('problem' in schemaAtPath(fieldPath, node) ? [field.invalid(`${at}.fieldPath`, fieldPath, 'must be a valid path')] : []),
  ];
}
