// A container's inspection in the terms of the runtime seam.
import type { ContainerState, ContainerStatus, PodSandboxStatus } from '../container-runtime.js';
import { containerNameLabel, podNameLabel, podNamespaceLabel, podUidLabel } from '../labels.js';
import type { Inspection } from './container-mirror.js';
import { annotationsIn, attemptLabel, imageLabel, logPathLabel, sandboxIdLabel, typeLabel } from './docker-names.js';

export const labelsOf = ({ Config }: Inspection): Record<string, string> => Config.Labels ?? {};
export const isSandbox = (inspection: Inspection): boolean => labelsOf(inspection)[typeLabel] === 'podsandbox';

/** Milliseconds; 0 for Docker's year one. */
const timeOf = (text: string | undefined): number => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) || ms < 0 ? 0 : ms;
};

export function sandboxStatusOf(inspection: Inspection): PodSandboxStatus {
  const labels = labelsOf(inspection);
  const address = Object.values(inspection.NetworkSettings?.Networks ?? {})[0]?.IPAddress;
  return {
    id: inspection.Id,
    podUid: labels[podUidLabel] ?? '',
    name: labels[podNameLabel] ?? '',
    namespace: labels[podNamespaceLabel] ?? '',
    attempt: Number(labels[attemptLabel] ?? 0),
    state: inspection.State.Running ? 'ready' : 'notReady',
    createdAt: timeOf(inspection.Created),
    ips: address ? [address] : [],
    hostNetwork: inspection.HostConfig.NetworkMode === 'host',
    labels,
    annotations: annotationsIn(labels),
  };
}

/** It could not be started: Docker leaves such a container as created, with an error. */
const failedToStart = ({ State }: Inspection): boolean => State.Status === 'created' && (State.ExitCode !== 0 || State.Error !== '');

function stateOf(inspection: Inspection): ContainerState {
  const { State } = inspection;
  if (State.Running) return 'running';
  if (State.Status === 'created') return failedToStart(inspection) ? 'exited' : 'created';
  return State.Status === 'exited' || State.Status === 'dead' ? 'exited' : 'unknown';
}

function reasonOf(inspection: Inspection): string {
  const { State } = inspection;
  if (failedToStart(inspection)) return 'ContainerCannotRun';
  if (State.OOMKilled) return 'OOMKilled';
  return State.ExitCode === 0 ? 'Completed' : 'Error';
}

/** `message`: the container's last words, once it has ended. */
export function containerStatusOf(inspection: Inspection, message: string): ContainerStatus {
  const labels = labelsOf(inspection);
  const state = stateOf(inspection);
  const ended = state === 'exited';
  const createdAt = timeOf(inspection.Created);
  return {
    id: inspection.Id,
    sandboxId: labels[sandboxIdLabel] ?? '',
    podUid: labels[podUidLabel] ?? '',
    name: labels[containerNameLabel] ?? '',
    attempt: Number(labels[attemptLabel] ?? 0),
    state,
    createdAt,
    startedAt: timeOf(inspection.State.StartedAt) || (ended ? createdAt : 0),
    finishedAt: timeOf(inspection.State.FinishedAt) || (ended ? createdAt : 0),
    exitCode: inspection.State.ExitCode,
    image: labels[imageLabel] ?? inspection.Config.Image,
    imageId: `docker://${inspection.Image}`,
    reason: ended ? reasonOf(inspection) : '',
    message: failedToStart(inspection) ? inspection.State.Error : message,
    logPath: labels[logPathLabel] ?? '',
    labels,
    annotations: annotationsIn(labels),
  };
}
