// Finds the webhooks that want to see a request, and asks them.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
import {
  badRequest,
  forbidden,
  internalError,
  type Logger,
  type MutatingWebhook,
  type MutatingWebhookConfiguration,
  type Random,
  StatusError,
} from '@steersman/api';
import { compileConditions, type Expression } from '@steersman/cel';
import type { Authorizer } from '../../authz/authorizer.js';
import type { Registry } from '../../registry/registry.js';
import type { Resource } from '../../registry/resource.js';
import type { WebhookClient } from '../../webhooks/webhook-client.js';
import type { AdmissionRequest } from '../admission.js';
import { admissionValues, nameOf } from '../policies/admission-variables.js';
import { evaluateConditions } from '../policies/match-conditions.js';
import { type MatchedRequest, RequestMatcher } from '../policies/request-matching.js';
import { admissionReview, answerOf, type ReviewAnswer, reviewVersion } from './admission-review.js';

export interface WebhookTools {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly client: WebhookClient;
  readonly random: Random;
  readonly logger: Logger;
}

/** A webhook of either kind; validating ones are never invoked again. */
export type Webhook = MutatingWebhook;

const group = 'admissionregistration.k8s.io';
const defaultTimeoutSeconds = 10;

export class WebhookCaller {
  private readonly matcher: RequestMatcher;
  private readonly configurations: Resource;
  private readonly conditions = new WeakMap<Webhook, readonly Expression[]>();
  private readonly owners = new WeakMap<Webhook, string>();

  constructor(
    private readonly tools: WebhookTools,
    private readonly options: { readonly configurations: string; readonly mutating: boolean },
  ) {
    this.matcher = new RequestMatcher(tools.registry);
    this.configurations = tools.registry.stored(group, options.configurations);
  }

  /** The webhooks there are, in the order in which they are asked. Those that say what holds for webhooks are not asked about that. */
  webhooksFor({ resource }: AdmissionRequest): Webhook[] {
    if (resource.definition.info.group === group) return [];
    const configurations = this.configurations.cache.list().map(({ object }) => object as unknown as MutatingWebhookConfiguration);
    return configurations.flatMap(({ metadata, webhooks = [] }) => {
      for (const webhook of webhooks) this.owners.set(webhook, metadata.name ?? '');
      return webhooks;
    });
  }

  /** The name of the configuration that a webhook was found in. */
  configurationOf(webhook: Webhook): string {
    return this.owners.get(webhook) ?? '';
  }

  /** The request as the webhook is to see it; undefined where it does not want to. */
  async matched(webhook: Webhook, request: AdmissionRequest): Promise<MatchedRequest | undefined> {
    const { namespaceSelector, objectSelector, rules = [], matchPolicy } = webhook;
    if (rules.length === 0) return undefined;
    const matched = await this.matcher.match(request, { namespaceSelector, objectSelector, resourceRules: rules, matchPolicy } as never);
    if (!matched || !webhook.matchConditions?.length) return matched;
    const outcome = evaluateConditions(this.conditionsOf(webhook), admissionValues({ matched, authorizer: this.tools.authorizer }));
    if ('matches' in outcome) return outcome.matches ? matched : undefined;
    if (webhook.failurePolicy === 'Ignore') return undefined;
    throw forbidden(request.resource.groupResource, nameOf(request), outcome.problem);
  }

  /** Asks a webhook; `turn` is its place in the order, for the audit log. Undefined where it could not be asked and that does not matter; throws where it refuses. */
  async ask(webhook: Webhook, matched: MatchedRequest, turn: string): Promise<ReviewAnswer | undefined> {
    const { name, sideEffects } = webhook;
    const { request } = matched;
    if (request.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun')
      throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
    let answer: ReviewAnswer;
    try {
      answer = await this.call(webhook, matched);
    } catch (error) {
      this.tools.logger.warn('calling a webhook failed', { webhook: name, err: error });
      if (webhook.failurePolicy === 'Ignore') {
        const kind = this.options.mutating ? 'mutation' : 'validating';
        request.context.audit?.annotate(`failed-open.${kind}.webhook.admission.k8s.io/${turn}`, name);
        return undefined;
      }
      throw internalError(new Error(`failed calling webhook ${JSON.stringify(name)}: ${(error as Error).message}`));
    }
    request.context.warnings.push(...answer.warnings);
    for (const [key, value] of Object.entries(answer.auditAnnotations)) request.context.audit?.annotate(`${name}/${key}`, value);
    if (!answer.allowed) throw refusal(name, answer);
    return answer;
  }

  private async call(webhook: Webhook, matched: MatchedRequest): Promise<ReviewAnswer> {
    const identity = { uid: this.tools.random.uid(), apiVersion: reviewVersion(webhook.admissionReviewVersions ?? []) };
    const answer = await this.post(webhook, admissionReview(matched, identity));
    try {
      return answerOf(answer, identity, { mutating: this.options.mutating });
    } catch (cause) {
      throw new Error(`received invalid webhook response: ${(cause as Error).message}`, { cause });
    }
  }

  private async post({ clientConfig, timeoutSeconds = defaultTimeoutSeconds }: Webhook, review: object): Promise<unknown> {
    try {
      return await this.tools.client.post(clientConfig, review, timeoutSeconds);
    } catch (cause) {
      throw new Error(`failed to call webhook: ${(cause as Error).message}`, { cause });
    }
  }

  private conditionsOf(webhook: Webhook): readonly Expression[] {
    let compiled = this.conditions.get(webhook);
    if (!compiled) {
      compiled = compileConditions(webhook.matchConditions);
      this.conditions.set(webhook, compiled);
    }
    return compiled;
  }
}

function refusal(name: string, { result = {} }: ReviewAnswer): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = result.message || result.reason;
  return new StatusError({
    ...result,
    code: Math.max(result.code ?? 0, 400),
    message: why ? `${denied}: ${why}` : `${denied} without explanation`,
  } as ConstructorParameters<typeof StatusError>[0]);
}
