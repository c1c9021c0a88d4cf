// What flow control does, as metrics; read when they are asked for, so that requests pay nothing.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#metrics
import { Gauge, type Registry } from '@steersman/component-base';
import type { FlowControl } from './flow-control.js';
import type { PriorityLevel } from './priority-level.js';

export function registerFlowMetrics(registry: Registry, flowControl: FlowControl): void {
  const perLevel = (name: string, help: string, read: (level: PriorityLevel) => number): void => {
    new Gauge({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labelNames: ['priority_level'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [priority_level, level] of flowControl.levels) this.set({ priority_level }, read(level));
      },
    });
  };
  perLevel('current_executing_seats', 'Seats that are taken now.', ({ executing }) => executing);
  perLevel('current_inqueue_requests', 'Requests that wait for a seat.', ({ waiting }) => waiting);
  perLevel('current_limit_seats', 'Seats that may be taken, borrowed ones included.', ({ limit, exempt }) => (exempt ? 0 : limit));
  perLevel('dispatched_requests_total', 'Requests that got a seat.', ({ dispatched }) => dispatched);
  new Gauge({
    name: 'apiserver_flowcontrol_rejected_requests_total',
    help: 'Requests that got none, by reason.',
    labelNames: ['priority_level', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [priority_level, { rejected }] of flowControl.levels)
        for (const [reason, count] of rejected) this.set({ priority_level, reason }, count);
    },
  });
}
