// The file of --authorization-config: which authorizers are asked, in which order.
// Mirrors https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-AuthorizationConfiguration
import { type FieldError, field } from '@steersman/api';
import { parseConfiguration, refuseInvalid, unknownFields } from '../configuration/configuration-file.js';
import { conditionProblem } from './review-conditions.js';

export const authorizerTypes = ['AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'] as const;
export type AuthorizerType = (typeof authorizerTypes)[number];

export interface WebhookConfiguration {
  readonly authorizedTTL?: string;
  readonly unauthorizedTTL?: string;
  readonly cacheAuthorizedRequests?: boolean;
  readonly cacheUnauthorizedRequests?: boolean;
  readonly timeout: string;
  readonly subjectAccessReviewVersion: 'v1' | 'v1beta1';
  readonly matchConditionSubjectAccessReviewVersion?: 'v1';
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  readonly connectionInfo: { readonly type: 'KubeConfigFile'; readonly kubeConfigFile: string };
  readonly matchConditions?: readonly { readonly expression: string }[];
}

export interface AuthorizerConfiguration {
  readonly type: AuthorizerType;
  readonly name?: string;
  readonly webhook?: WebhookConfiguration;
}

/** Throws one line that names the file. */
export function parseAuthorizationConfiguration(text: string, file: string): readonly AuthorizerConfiguration[] {
  const kind = { group: 'apiserver.config.k8s.io', versions: ['v1', 'v1beta1'], kind: 'AuthorizationConfiguration' };
  const configuration = parseConfiguration<{ readonly authorizers?: readonly AuthorizerConfiguration[] }>(text, file, kind);
  const { authorizers = [] } = configuration;
  refuseInvalid(file, [
    ...unknownFields(configuration, ['apiVersion', 'kind', 'authorizers'], ''),
    ...(authorizers.length ? [] : [field.required('authorizers', 'at least one authorization mode must be defined')]),
    ...authorizers.flatMap((one, index) => authorizerErrors(one, `authorizers[${index}]`)),
    ...repeatedErrors(authorizers),
  ]);
  return authorizers;
}

function authorizerErrors(authorizer: AuthorizerConfiguration, path: string): FieldError[] {
  const { type, name = '', webhook } = authorizer;
  return [
    ...unknownFields(authorizer, ['type', 'name', 'webhook'], path),
    ...(authorizerTypes.includes(type) ? [] : [field.notSupported(`${path}.type`, type ?? '', [...authorizerTypes])]),
    ...(name ? [] : [field.required(`${path}.name`)]),
    ...(type === 'Webhook' && !webhook ? [field.required(`${path}.webhook`, 'required when type=Webhook')] : []),
    ...(type !== 'Webhook' && webhook ? [field.invalid(`${path}.webhook`, 'non-null', 'may only be specified when type=Webhook')] : []),
    ...(type === 'Webhook' && webhook ? webhookErrors(webhook, `${path}.webhook`) : []),
  ];
}

const duration = /^(\d+(\.\d+)?(ms|s|m|h))+$/;

function webhookErrors(webhook: WebhookConfiguration, path: string): FieldError[] {
  const { timeout, subjectAccessReviewVersion, failurePolicy, connectionInfo, matchConditions = [], authorizedTTL, unauthorizedTTL } = webhook;
  const durations = { timeout, authorizedTTL, unauthorizedTTL };
  const oneOf = (name: string, value: string | undefined, known: string[]): FieldError[] =>
    value === undefined ? [field.required(`${path}.${name}`)] : known.includes(value) ? [] : [field.notSupported(`${path}.${name}`, value, known)];
  return [
    ...(timeout === undefined ? [field.required(`${path}.timeout`)] : []),
    ...Object.entries(durations).flatMap(([name, value]) =>
      value === undefined || duration.test(value) ? [] : [field.invalid(`${path}.${name}`, value, 'must be a duration')],
    ),
    ...oneOf('subjectAccessReviewVersion', subjectAccessReviewVersion, ['v1', 'v1beta1']),
    ...oneOf('failurePolicy', failurePolicy, ['NoOpinion', 'Deny']),
    ...oneOf('connectionInfo.type', connectionInfo?.type, ['KubeConfigFile']),
    ...(connectionInfo?.type === 'KubeConfigFile' && !connectionInfo.kubeConfigFile ? [field.required(`${path}.connectionInfo.kubeConfigFile`)] : []),
    ...matchConditions.flatMap(({ expression = '' }, index) => {
      const problem = expression ? conditionProblem(expression) : 'expression is required';
      return problem ? [field.invalid(`${path}.matchConditions[${index}].expression`, expression, problem)] : [];
    }),
  ];
}

/** Each sort but the webhook is asked once; names are unique. */
const repeatedErrors = (authorizers: readonly AuthorizerConfiguration[]): FieldError[] =>
  authorizers.flatMap(({ type, name }, index) => [
    ...(type !== 'Webhook' && authorizers.findIndex((one) => one.type === type) < index ? [field.duplicate(`authorizers[${index}].type`, type)] : []),
    ...(name && authorizers.findIndex((one) => one.name === name) < index ? [field.duplicate(`authorizers[${index}].name`, name)] : []),
  ]);
