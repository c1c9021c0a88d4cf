// ValidatingAdmissionWebhook: all webhooks that want to see a request are asked at once; one refusal is enough.
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js';
import { WebhookCaller, type WebhookTools } from './webhook-caller.js';

export class ValidatingWebhooks implements AdmissionPlugin {
  readonly name = 'ValidatingAdmissionWebhook';
  private readonly caller: WebhookCaller;

  constructor(tools: WebhookTools) {
    this.caller = new WebhookCaller(tools, { configurations: 'validatingwebhookconfigurations', mutating: false });
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const webhooks = this.caller.webhooksFor(request);
    if (webhooks.length === 0) return;
    const calls = [];
    for (const webhook of webhooks) {
      const matched = await this.caller.matched(webhook, request);
      if (matched) calls.push({ webhook, matched });
    }
    const outcomes = await Promise.allSettled(
      calls.map(({ webhook, matched }) => this.caller.ask(webhook, matched, `round_0_index_${webhooks.indexOf(webhook)}`)),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
