// The machine of a hollow node: sized by options, not by the host.
import { hostname } from 'node:os';
import type { Machine } from './machine.js';
import { goArchitecture } from './machine.js';

export interface HollowMachineOptions {
  readonly cpu?: number;
  readonly memoryBytes?: number;
  readonly pods?: number;
  readonly address: string;
}

export function hollowMachine({ cpu = 32, memoryBytes = 256 * 2 ** 30, pods = 110, address }: HollowMachineOptions): Machine {
  const sizes = { cpu: String(cpu), 'ephemeral-storage': `${100 * 2 ** 20}Ki`, memory: `${Math.floor(memoryBytes / 1024)}Ki`, pods: String(pods) };
  return {
    capacity: sizes,
    allocatable: sizes,
    memoryBytes,
    addresses: [address],
    architecture: goArchitecture(),
    kernelVersion: 'hollow',
    osImage: 'Hollow node',
    machineId: hostname(),
    systemUuid: '',
    bootId: '',
  };
}
