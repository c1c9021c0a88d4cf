// Cluster DNS.
export { ClusterDns, type ClusterDnsOptions } from './cluster-dns.js';
export { answer, type ZoneSource } from './zone.js';
