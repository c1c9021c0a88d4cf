// Logger, lifecycle, configuration, certificates, health and metrics server.
export {
  type CertificateOptions,
  type CertificateTools,
  createAuthority,
  createSigningRequest,
  daysLeft,
  issueCertificate,
  type KeyPair,
  parseSigningRequest,
  type SigningRequest,
  type Subject,
  signRequest,
} from './certificates.js';
export { type CommandDescription, type Flag, helpText, parseFlags, UsageError } from './component-flags.js';
export { dialError } from './dial-error.js';
export { answerHealth, type HealthAnswer, type HealthCheck, HealthServer, type HealthServerOptions } from './health-server.js';
export {
  addJumps,
  chainsNamed,
  type FirewallTable,
  hasChain,
  type Jump,
  missingJumps,
  removeFirewall,
  restoreFirewall,
  type SavedFirewall,
  savedFirewall,
} from './iptables.js';
export { aborted, anySignal, processSignal, type Runnable, runAll } from './lifecycle.js';
export { createLogger, type LoggerOptions, type LogLevel } from './logger.js';
export { Counter, createMetrics, Gauge, Histogram, Registry } from './metrics.js';
export { CommandError, runCommand } from './run-command.js';
