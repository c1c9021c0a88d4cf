// The flags that say who is asked whether somebody may do something, named as upstream's.
import type { Clock, Logger } from '@steersman/api';
import {
  type AuthorizerChoice,
  type AuthorizerConfiguration,
  ConfigurationReload,
  parseAuthorizationConfiguration,
  RemoteService,
  ReviewConditions,
  readText,
  WebhookAuthorizer,
  type WebhookConfiguration,
} from '@steersman/apiserver';
import { readKubeconfig } from '@steersman/client';
import { type Flag, UsageError } from '@steersman/component-base';
import { type FlagValues, list, milliseconds } from './flag-values.js';

export const authorizationFlags = {
  'authorization-mode': { description: 'who is asked, in this order: some of Node, RBAC, Webhook, AlwaysAllow, AlwaysDeny (default: Node,RBAC)' },
  'authorization-config': {
    description: 'the same as a file: an AuthorizationConfiguration of apiserver.config.k8s.io/v1, read again when it changes',
  },
  'authorization-webhook-config-file': { description: 'kubeconfig of the service that the mode Webhook asks' },
  'authorization-webhook-version': { description: 'version of the SubjectAccessReview it is sent: v1beta1 or v1', default: 'v1beta1' },
  'authorization-webhook-cache-authorized-ttl': { description: 'how long it is remembered that somebody may', default: '5m0s' },
  'authorization-webhook-cache-unauthorized-ttl': { description: 'how long it is remembered that somebody may not', default: '30s' },
} satisfies Record<string, Flag>;

interface Tools {
  readonly clock: Clock;
  readonly logger: Logger;
}

const firstPauseMs = 500;

export function authorizationOptions(
  flags: FlagValues,
  tools: Tools,
): { authorization(): readonly AuthorizerChoice[]; alongside: ConfigurationReload[] } {
  const file = flags['authorization-config'];
  const modes = list(flags, 'authorization-mode');
  if (file && (modes.length || flags['authorization-webhook-config-file']))
    throw new UsageError('--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined');
  const choicesOf = (configured: readonly AuthorizerConfiguration[]): AuthorizerChoice[] =>
    configured.map(({ type, name = type, webhook }) => (type === 'Webhook' ? webhookOf(name, webhook!, tools) : type));
  let inForce = choicesOf(file ? parseAuthorizationConfiguration(readText(file), file) : modesOf(modes.length ? modes : ['Node', 'RBAC'], flags));
  const apply = (text: string): void => {
    inForce = choicesOf(parseAuthorizationConfiguration(text, file ?? ''));
  };
  return { authorization: () => inForce, alongside: file ? [new ConfigurationReload({ file, ...tools, apply })] : [] };
}

function modesOf(modes: readonly string[], flags: FlagValues): AuthorizerConfiguration[] {
  const kubeConfigFile = flags['authorization-webhook-config-file'];
  if (modes.includes('Webhook') && !kubeConfigFile) throw new UsageError("authorization-mode Webhook's authorization config file not passed");
  if (kubeConfigFile && !modes.includes('Webhook')) throw new UsageError('cannot specify --authorization-webhook-config-file without mode Webhook');
  const version = flags['authorization-webhook-version'];
  if (version !== 'v1' && version !== 'v1beta1') throw new UsageError(`--authorization-webhook-version ${version} is not known: use v1 or v1beta1`);
  return modes.map((mode, index) => {
    if (modes.indexOf(mode) < index) throw new UsageError(`authorization-mode ${JSON.stringify(modes)} has mode specified more than once`);
    if (mode !== 'Node' && mode !== 'RBAC' && mode !== 'AlwaysAllow' && mode !== 'AlwaysDeny' && mode !== 'Webhook')
      throw new UsageError(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`);
    if (mode !== 'Webhook') return { type: mode };
    const webhook: WebhookConfiguration = {
      authorizedTTL: flags['authorization-webhook-cache-authorized-ttl'] ?? '',
      unauthorizedTTL: flags['authorization-webhook-cache-unauthorized-ttl'] ?? '',
      timeout: '30s',
      subjectAccessReviewVersion: version,
      failurePolicy: 'NoOpinion',
      connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: kubeConfigFile ?? '' },
    };
    return { type: mode, webhook };
  });
}

function webhookOf(name: string, webhook: WebhookConfiguration, { clock, logger }: Tools): WebhookAuthorizer {
  const { connectionInfo, timeout, authorizedTTL = '5m', unauthorizedTTL = '30s', matchConditions = [] } = webhook;
  const ms = (key: string, value: string): number => milliseconds({ [key]: value }, key);
  const lifeMs = (key: string, value: string, cached: boolean | undefined): number => (cached === false ? 0 : ms(key, value));
  return new WebhookAuthorizer({
    name,
    clock,
    logger,
    service: new RemoteService({ config: readKubeconfig(connectionInfo.kubeConfigFile), clock, timeoutMs: ms('timeout', timeout), firstPauseMs }),
    version: webhook.subjectAccessReviewVersion,
    allowedMs: lifeMs('authorizedTTL', authorizedTTL, webhook.cacheAuthorizedRequests),
    deniedMs: lifeMs('unauthorizedTTL', unauthorizedTTL, webhook.cacheUnauthorizedRequests),
    failurePolicy: webhook.failurePolicy,
    ...(matchConditions.length && { conditions: new ReviewConditions(matchConditions.map(({ expression }) => expression)) }),
  });
}
