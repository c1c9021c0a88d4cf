// Why the last start of each container failed, until one succeeds.
import type { WaitingReason } from '../status/container-statuses.js';

export class ReasonCache {
  private readonly reasons = new Map<string, Map<string, WaitingReason>>();

  get(uid: string, container: string): WaitingReason | undefined {
    return this.reasons.get(uid)?.get(container);
  }

  set(uid: string, container: string, reason: WaitingReason | undefined): void {
    const ofPod = this.reasons.get(uid);
    if (!reason) ofPod?.delete(container);
    else if (ofPod) ofPod.set(container, reason);
    else this.reasons.set(uid, new Map([[container, reason]]));
  }

  forget(uid: string): void {
    this.reasons.delete(uid);
  }
}
