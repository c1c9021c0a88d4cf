// Node IPAM: gives each node its own range of pod addresses.
import { ipv4Block, type Node, numberToIpv4, StatusError } from '@steersman/api';
import { type Client, type EventRecorder, type InformerFactory, strategicMerge } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

export interface NodeIpamTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly clusterCidr: string;
  readonly nodeCidrMaskSize: number;
}

/** The ranges of a mask size inside a cluster's range, in order. */
export function rangeAt(clusterCidr: string, maskSize: number, index: number): string | undefined {
  const { first, bits } = ipv4Block(clusterCidr);
  if (index >= 2 ** (maskSize - bits)) return undefined;
  return `${numberToIpv4(first + index * 2 ** (32 - maskSize))}/${maskSize}`;
}

export class NodeIpamController implements Controller<'Node'> {
  readonly name = 'node-ipam';
  readonly watches = 'Node';
  readonly workers = 1;
  /** Given out, but not seen in the cache yet: by range, the node's name. */
  private readonly reserved = new Map<string, string>();

  constructor(private readonly tools: NodeIpamTools) {}

  async removed(key: string): Promise<Result> {
    for (const [range, node] of this.reserved) if (node === key) this.reserved.delete(range);
    return done;
  }

  async reconcile(node: Node): Promise<Result> {
    const name = node.metadata.name ?? '';
    if (node.spec?.podCIDR) {
      this.reserved.delete(node.spec.podCIDR);
      return done;
    }
    const range = this.freeRange(name);
    if (!range) {
      this.tools.recorder.normal(node, 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
      throw new Error('no range of pod addresses is left for the node: the cluster range is used up');
    }
    this.reserved.set(range, name);
    try {
      await this.tools.client.patch('Node', { name }, { spec: { podCIDR: range, podCIDRs: [range] } }, { type: strategicMerge });
    } catch (error) {
      if (error instanceof StatusError) this.reserved.delete(range);
      throw error;
    }
    return done;
  }

  private freeRange(name: string): string | undefined {
    const { informers, clusterCidr, nodeCidrMaskSize } = this.tools;
    for (const [range, node] of this.reserved) if (node === name) return range;
    const used = new Set([
      ...this.reserved.keys(),
      ...informers
        .of('Node')
        .lister.list()
        .flatMap(({ spec }) => spec?.podCIDR ?? []),
    ]);
    for (let index = 0; ; index++) {
      const range = rangeAt(clusterCidr, nodeCidrMaskSize, index);
      if (range === undefined || !used.has(range)) return range;
    }
  }
}
