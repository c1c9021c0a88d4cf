// Statistics of the node and its pods, in the shape of upstream's /stats/summary.
import { readFile, statfs } from 'node:fs/promises';
import { toTime } from '@steersman/api';
import type { KubeletContext } from '../pods/kubelet-context.js';
import { type NodePod, nameOf, namespaceOf, uidOf } from '../pods/pod.js';
import type { PodManager } from '../pods/pod-manager.js';
import { readRuntimePod, running } from '../pods/runtime-pod.js';

const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

async function disk(path: string, time: string): Promise<Record<string, unknown>> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(path);
  return {
    time,
    availableBytes: bavail * bsize,
    capacityBytes: blocks * bsize,
    usedBytes: (blocks - bavail) * bsize,
    inodesFree: ffree,
    inodes: files,
    inodesUsed: files - ffree,
  };
}

async function nodeStats({ clock, dataDir, node, runtime }: KubeletContext): Promise<Record<string, unknown>> {
  const time = toTime(clock.now());
  const [memory, cpu, uptime, network, images] = await Promise.all([
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/stat', 'utf8'),
    readFile('/proc/uptime', 'utf8'),
    readFile('/proc/net/dev', 'utf8'),
    runtime.imageFsInfo(),
  ]);
  const total = numberIn(memory, /MemTotal:\s+(\d+)/) * 1024;
  const available = numberIn(memory, /MemAvailable:\s+(\d+)/) * 1024;
  const ticks = (/^cpu\s+(.*)$/m.exec(cpu)?.[1] ?? '').split(' ').map(Number);
  const busyTicks = ticks.slice(0, 3).reduce((sum, part) => sum + part, 0);
  const interfaces = network
    .split('\n')
    .slice(2)
    .map((line) => line.trim().split(/[:\s]+/))
    .filter(([name]) => name && name !== 'lo')
    .map(([name, rx, , rxErrors, , , , , , tx, , txErrors]) => ({
      name,
      rxBytes: Number(rx),
      rxErrors: Number(rxErrors),
      txBytes: Number(tx),
      txErrors: Number(txErrors),
    }));
  const fs = await disk(dataDir, time);
  return {
    nodeName: node.name,
    startTime: toTime(clock.now() - Number(uptime.split(' ')[0]) * 1000),
    cpu: { time, usageCoreNanoSeconds: busyTicks * 10_000_000 },
    memory: { time, availableBytes: available, usageBytes: total - available, workingSetBytes: total - available },
    network: { time, ...interfaces[0], interfaces },
    fs,
    runtime: { imageFs: { ...fs, usedBytes: images.usedBytes } },
  };
}

async function podStats({ runtime }: KubeletContext, pod: NodePod): Promise<Record<string, unknown>> {
  const runtimePod = await readRuntimePod(runtime, uidOf(pod));
  const containers = await Promise.all(
    running(runtimePod).map(async ({ id, name, startedAt }) => {
      const stats = await runtime.containerStats(id);
      const time = toTime(stats?.timeMs ?? 0);
      return {
        name,
        startTime: toTime(startedAt),
        ...(stats && {
          cpu: { time, usageCoreNanoSeconds: stats.cpuNanoSeconds },
          memory: { time, usageBytes: stats.memoryUsageBytes, workingSetBytes: stats.memoryWorkingSetBytes },
        }),
      };
    }),
  );
  return { podRef: { name: nameOf(pod), namespace: namespaceOf(pod), uid: uidOf(pod) }, startTime: pod.status.startTime ?? null, containers };
}

export async function statsSummary(context: KubeletContext, pods: PodManager): Promise<unknown> {
  return { node: await nodeStats(context), pods: await Promise.all(pods.list().map((pod) => podStats(context, pod))) };
}
