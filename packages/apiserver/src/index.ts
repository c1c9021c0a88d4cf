// The Kubernetes API server.
export { ApiServer, type ApiServerOptions, type AuditOptions } from './api-server.js';
export { AuditLogFile } from './audit/audit-log-file.js';
export { readAuditPolicy } from './audit/audit-policy.js';
export { AuditWebhook } from './audit/audit-webhook.js';
export type { Authenticator, Credentials } from './authn/authenticator.js';
export { anonymousUser, loopbackUser, type UserInfo } from './authn/user.js';
export { readText } from './configuration/configuration-file.js';
export { ConfigurationReload } from './configuration/configuration-reload.js';
export { parseEncryptionConfiguration } from './encryption/encryption-configuration.js';
export { EncryptionRules } from './encryption/encryption-rules.js';
export type { NodeConnector } from './streaming/pod-target.js';
export { versionInfo } from './version.js';
export { RemoteService } from './webhooks/remote-service.js';
