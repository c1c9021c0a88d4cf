// The flags that say what is recorded of requests and where, named as upstream's.
import type { Clock, Logger } from '@steersman/api';
import { AuditLogFile, type AuditOptions, AuditWebhook, RemoteService, readAuditPolicy } from '@steersman/apiserver';
import { readKubeconfig } from '@steersman/client';
import { type Flag, UsageError } from '@steersman/component-base';
import { type FlagValues, isOn, milliseconds, wholeNumber } from './flag-values.js';

export const auditFlags = {
  'audit-policy-file': { description: 'which requests are recorded, and how much of them: a Policy of audit.k8s.io/v1' },
  'audit-log-path': { description: 'file that requests are recorded in, one JSON line each stage; - is the standard output' },
  'audit-log-maxage': { description: 'days that old files are kept; 0 keeps them', default: '0' },
  'audit-log-maxbackup': { description: 'how many old files are kept; 0 keeps all', default: '0' },
  'audit-log-maxsize': { description: 'megabytes after which a new file is begun', default: '100' },
  'audit-log-compress': { description: 'pack old files with gzip', default: 'false', onOff: true },
  'audit-webhook-config-file': { description: 'kubeconfig of a service that recorded requests are sent to' },
  'audit-webhook-batch-buffer-size': { description: 'events that may wait to be sent', default: '10000' },
  'audit-webhook-batch-max-size': { description: 'most events that are sent at once', default: '400' },
  'audit-webhook-batch-max-wait': { description: 'how long an event waits for others', default: '30s' },
  'audit-webhook-initial-backoff': { description: 'pause after sending failed for the first time', default: '10s' },
} satisfies Record<string, Flag>;

interface Tools {
  readonly clock: Clock;
  readonly logger: Logger;
}

const callTimeoutMs = 30_000;

/** Undefined where nothing is to be recorded. */
export function auditOptions(flags: FlagValues, tools: Tools): AuditOptions | undefined {
  const policyFile = flags['audit-policy-file'];
  const path = flags['audit-log-path'];
  const webhook = flags['audit-webhook-config-file'];
  if (!path && !webhook) return undefined;
  if (!policyFile) throw new UsageError('--audit-log-path and --audit-webhook-config-file record nothing without --audit-policy-file');
  const policy = readAuditPolicy(policyFile);
  return { policy, backends: [...(path ? [logFile(path, flags, tools)] : []), ...(webhook ? [webhookOf(webhook, flags, tools)] : [])] };
}

const logFile = (path: string, flags: FlagValues, tools: Tools): AuditLogFile =>
  new AuditLogFile({
    path,
    ...tools,
    compress: isOn(flags, 'audit-log-compress'),
    maxAgeDays: wholeNumber(flags, 'audit-log-maxage'),
    maxBackups: wholeNumber(flags, 'audit-log-maxbackup'),
    maxSizeMegabytes: wholeNumber(flags, 'audit-log-maxsize'),
  });

const webhookOf = (file: string, flags: FlagValues, { clock, logger }: Tools): AuditWebhook =>
  new AuditWebhook({
    clock,
    logger,
    service: new RemoteService({
      config: readKubeconfig(file),
      clock,
      timeoutMs: callTimeoutMs,
      firstPauseMs: milliseconds(flags, 'audit-webhook-initial-backoff'),
    }),
    bufferSize: wholeNumber(flags, 'audit-webhook-batch-buffer-size'),
    maxBatchSize: wholeNumber(flags, 'audit-webhook-batch-max-size'),
    maxWaitMs: milliseconds(flags, 'audit-webhook-batch-max-wait'),
  });
