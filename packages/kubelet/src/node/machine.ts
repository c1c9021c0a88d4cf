// What the machine has: processors, memory, disk, addresses, versions.
import { readFile, statfs } from 'node:fs/promises';
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os';

export interface Machine {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly addresses: readonly string[];
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
}

const mostPods = 110;
/** Memory that is kept back for hard eviction. */
const evictionBytes = 100 * 1024 * 1024;

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' };
export const goArchitecture = (): string => architectures[arch()] ?? arch();

/** The first address that is not the machine's own loopback or a bridge of containers. */
export function hostAddresses(): string[] {
  const skip = /^(lo|docker|br-|veth|steersman|cni|flannel|virbr)/;
  const all = Object.entries(networkInterfaces()).filter(([name]) => !skip.test(name));
  const v4 = all.flatMap(([, addresses]) =>
    (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );
  return v4.length > 0 ? v4 : ['127.0.0.1'];
}

const text = async (file: string): Promise<string> => (await readFile(file, 'utf8').catch(() => '')).trim();

async function osImage(): Promise<string> {
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(await text('/etc/os-release'))?.[1] ?? 'Linux';
}

export async function readMachine(dataDir: string, nodeIp: string | undefined, pods = mostPods): Promise<Machine> {
  const memoryBytes = totalmem();
  const disk = await statfs(dataDir).catch(() => undefined);
  const diskBytes = disk ? disk.blocks * disk.bsize : 0;
  const kibibytes = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`;
  const cpu = String(cpus().length);
  return {
    capacity: { cpu, 'ephemeral-storage': kibibytes(diskBytes), memory: kibibytes(memoryBytes), pods: String(pods) },
    allocatable: {
      cpu,
      'ephemeral-storage': String(Math.floor(diskBytes * 0.9)),
      memory: kibibytes(memoryBytes - evictionBytes),
      pods: String(pods),
    },
    memoryBytes,
    addresses: nodeIp ? [nodeIp] : hostAddresses(),
    architecture: goArchitecture(),
    kernelVersion: release(),
    osImage: await osImage(),
    machineId: (await text('/etc/machine-id')) || hostname(),
    systemUuid: await text('/sys/class/dmi/id/product_uuid'),
    bootId: await text('/proc/sys/kernel/random/boot_id'),
  };
}
