// The Pod Security Standards: which checks there are of each level, and since which version.
// Mirrors https://kubernetes.io/docs/concepts/security/pod-security-standards/
import * as baseline from './baseline-checks.js';
import type { Check, CheckedPod, Violation } from './check-tools.js';
import * as restricted from './restricted-checks.js';

const notOnWindows =
  (check: Check): Check =>
  (spec, annotations) =>
    spec.os?.name === 'windows' ? undefined : check(spec, annotations);

interface CheckHistory {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** By the minor version that a form of the check is of; the first comes with the first version. */
  readonly since: readonly (readonly [minor: number, check: Check])[];
  /** The baseline check that this one takes the place of. */
  readonly replaces?: string;
}

/** In upstream's order: those of the baseline first. */
const histories: readonly CheckHistory[] = [
  { id: 'appArmorProfile', level: 'baseline', since: [[0, baseline.appArmor]] },
  { id: 'capabilities_baseline', level: 'baseline', since: [[0, baseline.capabilitiesBaseline]] },
  { id: 'hostNamespaces', level: 'baseline', since: [[0, baseline.hostNamespaces]] },
  { id: 'hostPathVolumes', level: 'baseline', since: [[0, baseline.hostPathVolumes]] },
  { id: 'hostPorts', level: 'baseline', since: [[0, baseline.hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', since: [[34, baseline.hostProbes]] },
  { id: 'privileged', level: 'baseline', since: [[0, baseline.privileged]] },
  { id: 'procMount', level: 'baseline', since: [[0, baseline.procMount]] },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    since: [
      [0, baseline.seLinuxOptionsBut(baseline.seLinuxTypes)],
      [31, baseline.seLinuxOptionsBut([...baseline.seLinuxTypes, 'container_engine_t'])],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    since: [
      [0, baseline.seccompAnnotations],
      [19, baseline.seccompBaseline],
    ],
  },
  {
    id: 'sysctls',
    level: 'baseline',
    since: [0, ...baseline.laterSysctls.map(([minor]) => minor)].map((minor) => [minor, baseline.sysctlsOf(minor)] as const),
  },
  { id: 'windowsHostProcess', level: 'baseline', since: [[0, baseline.hostProcess]] },
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    since: [
      [8, restricted.privilegeEscalation],
      [25, notOnWindows(restricted.privilegeEscalation)],
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    since: [
      [22, restricted.capabilitiesRestricted],
      [25, notOnWindows(restricted.capabilitiesRestricted)],
    ],
    replaces: 'capabilities_baseline',
  },
  { id: 'restrictedVolumes', level: 'restricted', since: [[0, restricted.restrictedVolumes]], replaces: 'hostPathVolumes' },
  { id: 'runAsNonRoot', level: 'restricted', since: [[0, restricted.runAsNonRoot]] },
  { id: 'runAsUser', level: 'restricted', since: [[23, restricted.runAsUser]] },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    since: [
      [19, restricted.seccompRestricted],
      [25, notOnWindows(restricted.seccompRestricted)],
    ],
    replaces: 'seccompProfile_baseline',
  },
];

export type Level = 'privileged' | 'baseline' | 'restricted';

const checksKnown = new Map<string, readonly Check[]>();

/** The checks of a level as they were in a version of the standards. */
function checksOf(level: Level, version: string): readonly Check[] {
  const key = `${level}:${version}`;
  const known = checksKnown.get(key);
  if (known) return known;
  const minor = version === 'latest' ? Number.POSITIVE_INFINITY : Number(version.replace(/^v1\./, ''));
  const inForce = histories.filter(({ since }) => since[0]![0] <= minor);
  const replaced = new Set(level === 'restricted' ? inForce.flatMap(({ replaces }) => replaces ?? []) : []);
  const checks = inForce
    .filter((one) => (one.level === 'baseline' || level === 'restricted') && !replaced.has(one.id))
    .map(({ since }) => since.findLast(([from]) => from <= minor)![1]);
  checksKnown.set(key, checks);
  return checks;
}

/** Everything in a pod that its level forbids, in upstream's order. `version`: of the standards, such as v1.30 or latest. */
export function podSecurityViolations({ level, version }: { level: Level; version: string }, { spec, annotations = {} }: CheckedPod): Violation[] {
  return level === 'privileged' ? [] : checksOf(level, version).flatMap((check) => check(spec, annotations) ?? []);
}
