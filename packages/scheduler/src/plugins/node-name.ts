// NodeName: a pod that names its node goes there.
import type { Plugin } from '../framework/framework.js';
import { unresolvable } from '../framework/status.js';

const name = 'NodeName';

export const nodeName: Plugin = {
  name,
  filter: ({ pod }, node) =>
    pod.spec?.nodeName && pod.spec.nodeName !== node.name ? unresolvable(name, "node(s) didn't match the requested node name") : undefined,
};
