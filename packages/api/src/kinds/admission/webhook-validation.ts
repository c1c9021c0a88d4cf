// What is checked of webhook configurations. Match conditions are checked as far as their form goes; their expressions where they are compiled.
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../field-error.js';
import type {
  MutatingWebhookConfiguration,
  RuleWithOperations,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
} from '../../gen/types.js';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../names.js';
import { domainErrors } from '../domain-path.js';
import { forEach, invalidFor, oneOf } from '../field-checks.js';
import { validateSelector } from '../selector-validation.js';

type Webhook = Omit<ValidatingWebhook, never> & { readonly reinvocationPolicy?: string };

const maxConditions = 64;
const reviewVersions = ['v1', 'v1beta1'];
const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

export const validateValidatingWebhooks = ({ webhooks }: ValidatingWebhookConfiguration): FieldError[] => webhooksErrors(webhooks);
export const validateMutatingWebhooks = ({ webhooks }: MutatingWebhookConfiguration): FieldError[] => webhooksErrors(webhooks);

function webhooksErrors(webhooks: readonly Webhook[] | undefined): FieldError[] {
  const names = new Set<string>();
  return forEach(webhooks, 'webhooks', (webhook, at) => {
    const errors = webhookErrors(webhook, at);
    if (webhook.name && names.has(webhook.name)) errors.push(duplicate(`${at}.name`, webhook.name));
    names.add(webhook.name);
    return errors;
  });
}

function webhookErrors(webhook: Webhook, path: string): FieldError[] {
  const { name, timeoutSeconds, sideEffects } = webhook;
  const errors = domainErrors(name, 3, `${path}.name`);
  errors.push(...forEach(webhook.rules, `${path}.rules`, ruleErrors));
  errors.push(
    ...oneOf(`${path}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']),
    ...oneOf(`${path}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']),
  );
  const effects = ['None', 'NoneOnDryRun'];
  if (!sideEffects) errors.push(required(`${path}.sideEffects`, `must specify one of ${effects.join(', ')}`));
  else if (!effects.includes(sideEffects)) errors.push(notSupported(`${path}.sideEffects`, sideEffects, effects));
  if (timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1))
    errors.push(invalid(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'));
  errors.push(
    ...validateSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateSelector(webhook.objectSelector, `${path}.objectSelector`),
  );
  errors.push(
    ...validateWebhookClient(webhook.clientConfig ?? {}, `${path}.clientConfig`),
    ...versionsErrors(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`),
  );
  errors.push(...oneOf(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']));
  return [...errors, ...conditionsErrors(webhook.matchConditions, `${path}.matchConditions`)];
}

function versionsErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${reviewVersions.join(', ')}`)];
  const errors = forEach(versions, path, (version, at, index) =>
    versions.indexOf(version) < index ? [invalid(at, version, 'duplicate version')] : [],
  );
  return versions.some((version) => reviewVersions.includes(version))
    ? errors
    : [...errors, invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`)];
}

export function conditionsErrors(conditions: readonly { name?: string; expression?: string }[] | undefined, path: string): FieldError[] {
  const errors = (conditions ?? []).length > maxConditions ? [tooMany(path, conditions!.length, maxConditions)] : [];
  const names = new Set<string>();
  return [
    ...errors,
    ...forEach(conditions, path, ({ name, expression }, at) => {
      const found = expression?.trim() ? [] : [required(`${at}.expression`)];
      if (!name) return [...found, required(`${at}.name`)];
      found.push(...invalidFor(`${at}.name`, name, qualifiedNameErrors(name)));
      if (names.has(name)) found.push(duplicate(`${at}.name`, name));
      names.add(name);
      return found;
    }),
  ];
}

const alone = (list: readonly string[], wildcard: string, what: string, path: string): FieldError[] =>
  list.length > 1 && list.includes(wildcard) ? [invalid(path, list, `if '${wildcard}' is present, must not specify other ${what}`)] : [];

/** One set of requests: by operation, group, version, resource and scope. */
export function ruleErrors(rule: RuleWithOperations, path: string): FieldError[] {
  const { operations: verbs = [], apiGroups = [], apiVersions = [], scope } = rule;
  const errors = verbs.length === 0 ? [required(`${path}.operations`)] : [];
  errors.push(...alone(verbs, '*', 'operations', `${path}.operations`));
  errors.push(...forEach(verbs, `${path}.operations`, (verb, at) => (operations.includes(verb) ? [] : [notSupported(at, verb, operations)])));
  if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`));
  errors.push(...alone(apiGroups, '*', 'API groups', `${path}.apiGroups`));
  if (apiVersions.length === 0) errors.push(required(`${path}.apiVersions`));
  errors.push(
    ...alone(apiVersions, '*', 'API versions', `${path}.apiVersions`),
    ...forEach(apiVersions, `${path}.apiVersions`, (version, at) => (version ? [] : [required(at)])),
  );
  errors.push(...resourcesErrors(rule.resources ?? [], `${path}.resources`));
  return scope === undefined || scopes.includes(scope) ? errors : [...errors, notSupported(`${path}.scope`, scope, scopes)];
}

function resourcesErrors(resources: readonly string[], path: string): FieldError[] {
  if (resources.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const withSubresources = new Set<string>();
  const everySubresource = new Set<string>();
  for (const [index, resource] of resources.entries()) {
    if (!resource) errors.push(required(`${path}[${index}]`));
    const [name = '', subresource] = resource.split('/');
    if (subresource === '*') withSubresources.add(name);
    if (name === '*' && subresource) everySubresource.add(subresource);
    if (withSubresources.has(name) && subresource !== undefined && subresource !== '*')
      errors.push(invalid(`${path}[${index}]`, resource, `if '${name}/*' is present, must not specify ${resource}`));
    if (subresource !== undefined && name !== '*' && everySubresource.has(subresource))
      errors.push(invalid(`${path}[${index}]`, resource, `if '*/${subresource}' is present, must not specify ${resource}`));
  }
  errors.push(...alone(resources, '*/*', 'resources', path));
  const plain = resources.filter((resource) => !resource.includes('/'));
  if (plain.includes('*') && plain.length > 1)
    errors.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

/** How a webhook is reached: by a URL or by a service. */
export function validateWebhookClient({ url, service }: WebhookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(path, 'exactly one of url or service is required')];
  if (service) return serviceErrors(service, `${path}.service`);
  return urlErrors(url ?? '', `${path}.url`);
}

const wantedForm = '; desired format: https://host[/path]';

function urlErrors(url: string, path: string): FieldError[] {
  const parsed = URL.parse(url);
  if (!parsed) return [required(path, `url must be a valid URL: parse ${JSON.stringify(url)}: invalid URI for request${wantedForm}`)];
  const errors: FieldError[] = [];
  if (parsed.protocol !== 'https:') errors.push(invalid(path, parsed.protocol.slice(0, -1), `'https' is the only allowed URL scheme${wantedForm}`));
  if (!parsed.host) errors.push(invalid(path, parsed.host, `host must be specified${wantedForm}`));
  if (parsed.username)
    errors.push(invalid(path, parsed.password ? `${parsed.username}:***` : parsed.username, 'user information is not permitted in the URL'));
  if (parsed.hash) errors.push(invalid(path, parsed.hash.slice(1), 'fragments are not permitted in the URL'));
  if (parsed.search) errors.push(invalid(path, parsed.search.slice(1), 'query parameters are not permitted in the URL'));
  return errors;
}

function serviceErrors({ name, namespace, path: url, port }: NonNullable<WebhookClientConfig['service']>, path: string): FieldError[] {
  const errors = [
    ...(name ? [] : [required(`${path}.name`, 'service name is required')]),
    ...(namespace ? [] : [required(`${path}.namespace`, 'service namespace is required')]),
  ];
  if (port !== undefined && (port < 1 || port > 65535))
    errors.push(invalid(`${path}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'));
  if (url === undefined || url === '/') return errors;
  const at = `${path}.path`;
  if (url === '//') return [...errors, invalid(at, url, 'segment[0] may not be empty')];
  if (!url.startsWith('/')) errors.push(invalid(at, url, "must start with a '/'"));
  const segments = (url.slice(1).endsWith('/') ? url.slice(1, -1) : url.slice(1)).split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment === '') errors.push(invalid(at, url, `segment[${index}] may not be empty`));
    else for (const message of dns1123SubdomainErrors(segment)) errors.push(invalid(at, url, `segment[${index}]: ${message}`));
  }
  return errors;
}
