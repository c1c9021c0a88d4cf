// What a connection may cost before it has asked for anything: how long its handshake and its headers may take, and how long these
// may be. The figures are those of upstream's server.
import { maxHeaderBytes } from './http-protocol.js';

export const connectionLimits = {
  /** Header lines and the request line together. */
  maxHeaderSize: maxHeaderBytes,
  /** From the start of a connection or a request to the end of its headers. */
  headersTimeout: 32_000,
  handshakeTimeout: 32_000,
  /** Bodies have the deadline of their request, streams have none. */
  requestTimeout: 0,
  keepAliveTimeout: 90_000,
  connectionsCheckingInterval: 2_000,
};
