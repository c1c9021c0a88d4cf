// What the checks of pods have in common: who sets what, and how it is told.
import type { Container, Pod } from '@steersman/api';

export type Spec = NonNullable<Pod['spec']>;

/** What is checked of a pod, or of a template. */
export interface CheckedPod {
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly spec: Spec;
}

/** What is wrong, in short and at length. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** A check names what violates it, or gives nothing. */
export type Check = (spec: Spec, annotations: Readonly<Record<string, string>>) => Violation | undefined;

export const quote = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
export const plural = (word: string, names: readonly string[]): string => `${word}${names.length === 1 ? '' : 's'} ${quote(names)}`;

export const containersOf = ({ containers, initContainers = [], ephemeralContainers = [] }: Spec): Container[] => [
  ...initContainers,
  ...(containers ?? []),
  ...(ephemeralContainers as unknown as Container[]),
];

export const namesWhere = (spec: Spec, test: (container: Container) => boolean): string[] =>
  containersOf(spec)
    .filter(test)
    .map(({ name }) => name);

export const violation = (reason: string, detail: string): Violation | undefined => (detail ? { reason, detail } : undefined);

/** Which of the pod and its containers set something, as upstream's messages put it. */
export function setters(spec: Spec, inPod: boolean, inContainer: (container: Container) => boolean): string {
  const names = namesWhere(spec, inContainer);
  return [...(inPod ? ['pod'] : []), ...(names.length ? [plural('container', names)] : [])].join(' and ');
}

/** The added capabilities outside of a set, by the containers that add them. */
export function addedBeyond(spec: Spec, allowed: ReadonlySet<string>): string {
  const added = ({ securityContext }: Container): string[] => (securityContext?.capabilities?.add ?? []).filter((one) => !allowed.has(one));
  const bad = namesWhere(spec, (container) => added(container).length > 0);
  const all = [...new Set(containersOf(spec).flatMap(added))].sort();
  return bad.length ? `${plural('container', bad)} must not include ${quote(all)} in securityContext.capabilities.add` : '';
}
