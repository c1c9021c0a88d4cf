// Services as iptables rules, one atomic restore a sync.
export { iptablesText } from './iptables-rules.js';
export { KubeProxy, type KubeProxyOptions, removeRules } from './kube-proxy.js';
export { type ServiceRule, serviceRules } from './rule-model.js';
