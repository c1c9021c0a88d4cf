// A runtime whose sandboxes are put on the pod network: attached when they are made, known by the addresses they got.
import type { NetworkApi } from '@steersman/rpc';
import type { ContainerRuntime, LabelFilter, PodSandboxStatus } from './container-runtime.js';
import { portMappingsAnnotation } from './labels.js';
import type { PodSandboxConfig, PortMapping } from './sandbox-config.js';

/** A runtime that can say where a sandbox's network namespace is, and keep addresses for it. */
export interface NamespacedRuntime extends ContainerRuntime {
  networkNamespace(sandboxId: string): Promise<string>;
}

const hasNamespaces = (runtime: ContainerRuntime): runtime is NamespacedRuntime => 'networkNamespace' in runtime;

const portsOf = ({ annotations }: PodSandboxStatus): PortMapping[] => JSON.parse(annotations[portMappingsAnnotation] ?? '[]') as PortMapping[];

export function networkedRuntime(runtime: ContainerRuntime, network: NetworkApi): ContainerRuntime {
  if (!hasNamespaces(runtime)) return runtime;
  const addresses = new Map<string, readonly string[]>();

  const attach = async (sandboxId: string, config: Pick<PodSandboxConfig, 'metadata' | 'portMappings'>): Promise<void> => {
    const { metadata, portMappings } = config;
    const answer = await network.attach({
      sandboxId,
      netnsPath: await runtime.networkNamespace(sandboxId),
      namespace: metadata.namespace,
      pod: metadata.name,
      podUid: metadata.uid,
      hostPorts: portMappings.map(({ hostPort, containerPort, protocol, hostIp }) => ({ hostPort, containerPort, protocol, hostIp })),
    });
    addresses.set(sandboxId, answer.addresses);
  };

  /** After a restart the addresses are asked for anew: attaching twice gives the same. */
  const addressed = async (status: PodSandboxStatus): Promise<PodSandboxStatus> => {
    if (status.hostNetwork) return status;
    if (!addresses.has(status.id) && status.state === 'ready') {
      await attach(status.id, {
        metadata: { name: status.name, namespace: status.namespace, uid: status.podUid, attempt: status.attempt },
        portMappings: portsOf(status),
      }).catch(() => undefined);
    }
    return { ...status, ips: addresses.get(status.id) ?? [] };
  };

  return new Proxy(runtime, {
    get(target, property) {
      switch (property) {
        case 'runPodSandbox':
          return async (config: PodSandboxConfig): Promise<string> => {
            const id = await target.runPodSandbox(config);
            if (config.namespaces.network === 'node') return id;
            try {
              await attach(id, config);
            } catch (error) {
              await network.detach({ sandboxId: id }).catch(() => undefined);
              await target.removePodSandbox(id);
              throw error;
            }
            return id;
          };
        case 'listPodSandboxes':
          return async (filter?: LabelFilter) => Promise.all((await target.listPodSandboxes(filter)).map(addressed));
        case 'removePodSandbox':
          return async (id: string): Promise<void> => {
            await target.removePodSandbox(id);
            addresses.delete(id);
          };
        default: {
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === 'function' ? value.bind(target) : value;
        }
      }
    },
  });
}
