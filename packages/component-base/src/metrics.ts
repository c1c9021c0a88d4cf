// Metrics of a component, on prom-client: one registry per component, so that several can live in one process.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry };

/** A registry with the process's own metrics (memory, CPU, event loop) when asked for. */
export function createMetrics({ process = false }: { process?: boolean } = {}): Registry {
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry });
  return registry;
}
