// What the kubelet knows of its node: name, addresses, sizes. The pod CIDR and labels follow the Node object.
import type { Node } from '@steersman/api';

export interface NodeFacts {
  readonly name: string;
  /** Addresses of the host, the first being the one that is reported. */
  readonly addresses: readonly string[];
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  /** The Node object as last seen. */
  current(): Node | undefined;
}
