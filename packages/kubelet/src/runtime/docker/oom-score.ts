// Scores for the kernel's out-of-memory killer. Lowering one needs CAP_SYS_RESOURCE, which a kubelet in a container may lack.
import { readFileSync } from 'node:fs';

const sysResource = 1n << 24n;

function lowestScore(): number {
  try {
    const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (capabilities && (BigInt(`0x${capabilities}`) & sysResource) !== 0n) return -1000;
    return Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
  } catch {
    return -1000;
  }
}

const lowest = lowestScore();

/** The score, or the nearest that this process may give. */
export const oomScore = (wanted: number): number => Math.max(lowest, wanted);
