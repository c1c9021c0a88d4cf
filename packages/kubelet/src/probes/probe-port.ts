// The port a probe or hook means: a number, or the name of one of the container's ports.
import type { AnyContainer } from '../pods/pod.js';

export function resolvePort(port: number | string, container: AnyContainer): number {
  const number = Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  const named = container.ports?.find(({ name }) => name === port);
  if (!named) throw new Error(`couldn't find port: ${port} in container: ${container.name}`);
  return named.containerPort;
}
