// The Kubernetes API server.
export { ApiServer, type ApiServerOptions } from './api-server.js';
export type { Authenticator, Credentials } from './authn/authenticator.js';
export { anonymousUser, loopbackUser, type UserInfo } from './authn/user.js';
export type { NodeConnector } from './streaming/pod-target.js';
export { versionInfo } from './version.js';
