// MutatingAdmissionWebhook: webhooks change a request one after another; some are asked again when others changed it after them.
import { deepEqual, internalError, type JsonObject, jsonPatch } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js';
import { inVersionOfRequest, type MatchedRequest } from '../policies/request-matching.js';
import { type Webhook, WebhookCaller, type WebhookTools } from './webhook-caller.js';

export class MutatingWebhooks implements AdmissionPlugin {
  readonly name = 'MutatingAdmissionWebhook';
  private readonly caller: WebhookCaller;

  constructor(tools: WebhookTools) {
    this.caller = new WebhookCaller(tools, { configurations: 'mutatingwebhookconfigurations', mutating: true });
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    const stale = await this.round(request, this.caller.webhooksFor(request), 0);
    if (stale.length > 0) await this.round(request, stale, 1);
  }

  /** Asks the webhooks in turn; gives those that want to be asked again, since others changed the object after them. */
  private async round(request: AdmissionRequest, webhooks: readonly Webhook[], round: number): Promise<Webhook[]> {
    const asked: Webhook[] = [];
    let stale: Webhook[] = [];
    for (const [index, webhook] of webhooks.entries()) {
      const matched = await this.caller.matched(webhook, request);
      if (!matched) continue;
      const turn = `round_${round}_index_${index}`;
      const answer = await this.caller.ask(webhook, matched, turn);
      const mutated = answer?.patch !== undefined && (await patched(webhook, matched, answer.patch));
      if (mutated) stale = [...asked];
      if (answer) this.annotate(webhook, request, { turn, mutated, patch: answer.patch });
      if (webhook.reinvocationPolicy === 'IfNeeded') asked.push(webhook);
    }
    return stale;
  }

  private annotate(
    webhook: Webhook,
    { context: { audit } }: AdmissionRequest,
    { turn, mutated, patch }: { turn: string; mutated: boolean; patch: unknown },
  ): void {
    if (!audit) return;
    const who = { configuration: this.caller.configurationOf(webhook), webhook: webhook.name };
    audit.annotate(`mutation.webhook.admission.k8s.io/${turn}`, JSON.stringify({ ...who, mutated }));
    if (mutated) audit.annotate(`patch.webhook.admission.k8s.io/${turn}`, JSON.stringify({ ...who, patch, patchType: 'JSONPatch' }), 'Request');
  }
}

/** Applies a webhook's patch to the object of the request; tells whether that changed it. */
async function patched({ name }: Webhook, matched: MatchedRequest, patch: unknown): Promise<boolean> {
  if (Array.isArray(patch) && patch.length === 0) return false;
  const { object } = matched.request;
  if (!object || !matched.object)
    throw internalError(
      new Error(`admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`),
    );
  let changed: ApiObject;
  try {
    changed = jsonPatch(structuredClone(matched.object) as unknown as JsonObject, patch) as unknown as ApiObject;
  } catch (error) {
    throw internalError(error as Error);
  }
  const { codec } = matched.served.definition;
  const decoded = codec.decode(changed).object;
  codec.applyDefaults(decoded);
  const final = await inVersionOfRequest(matched, decoded);
  if (deepEqual(final, object)) return false;
  replace(object, final);
  return true;
}

/** Gives an object all of another's fields, and no others. */
function replace(object: ApiObject, other: ApiObject): void {
  for (const key of Object.keys(object)) if (!(key in other)) delete (object as unknown as JsonObject)[key];
  Object.assign(object, other);
}
