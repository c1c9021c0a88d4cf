// DefaultBinder: binds by the binding subresource.
import type { Pod } from '@steersman/api';
import type { Client } from '@steersman/client';
import type { Plugin } from '../framework/framework.js';

export const defaultBinder = (client: Client): Plugin => ({
  name: 'DefaultBinder',
  async bind({ metadata }: Pod, node, signal) {
    const { namespace = '', name = '', uid = '' } = metadata;
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target: { kind: 'Node', name: node } };
    await client.createSubresource('Pod', { namespace, name }, 'binding', binding, { signal });
  },
});
