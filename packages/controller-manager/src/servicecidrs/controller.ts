// Ranges of service addresses: ready as soon as they are there; a range that is deleted stays until no address depends on it.
// Mirrors https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/
import { cidrContains, type IPAddress, isDeleting, keyOf, parseCidr, parseIp, type ServiceCIDR, setCondition } from '@steersman/api';
import type { Client, InformerFactory } from '@steersman/client';
import type { ControllerTools } from '../controller-manager.js';
import { type Controller, done, type Result } from '../runtime/controller.js';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';

/** So long API servers may take to notice that a range is on its way out. */
const deletionGraceMs = 10_000;

export class ServiceCidrController implements Controller<'ServiceCIDR'> {
  readonly name = 'service-cidr-controller';
  readonly watches = 'ServiceCIDR';
  readonly related;

  constructor(private readonly tools: Pick<ControllerTools, 'clock'> & { readonly client: Client; readonly informers: InformerFactory }) {
    const all = (): string[] => this.ranges().map(keyOf);
    // A range that goes or comes may free another, as may an address.
    this.related = [
      { kind: 'ServiceCIDR' as const, keysOf: all },
      { kind: 'IPAddress' as const, keysOf: () => this.ranges().filter(isDeleting).map(keyOf) },
    ];
  }

  async reconcile(range: ServiceCIDR): Promise<Result> {
    return isDeleting(range) ? this.release(range) : this.admit(range);
  }

  private ranges(): readonly ServiceCIDR[] {
    return this.tools.informers.of('ServiceCIDR').lister.list();
  }

  private async admit(range: ServiceCIDR): Promise<Result> {
    const { finalizers = [] } = range.metadata;
    const held = finalizers.includes(finalizer)
      ? range
      : await this.tools.client.update<ServiceCIDR>({ ...range, metadata: { ...range.metadata, finalizers: [...finalizers, finalizer] } });
    await this.report(held, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' });
    return done;
  }

  private async release(range: ServiceCIDR): Promise<Result> {
    const { finalizers = [] } = range.metadata;
    if (!finalizers.includes(finalizer)) return done;
    const message = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
    const told = await this.report(range, { status: 'False', reason: 'Terminating', message });
    if (this.isNeeded(range)) return done;
    const since = Date.parse(range.metadata.deletionTimestamp ?? '');
    const left = since + deletionGraceMs - this.tools.clock.now();
    if (left > 0) return { requeueAfterMs: left };
    await this.tools.client.update<ServiceCIDR>({
      ...told,
      metadata: { ...told.metadata, finalizers: finalizers.filter((one) => one !== finalizer) },
    });
    return done;
  }

  private async report(range: ServiceCIDR, condition: { status: string; reason: string; message: string }): Promise<ServiceCIDR> {
    const known = range.status?.conditions ?? [];
    const conditions = setCondition(known, { type: 'Ready', ...condition } as (typeof known)[number], this.tools.clock.now());
    if (conditions === known) return range;
    return this.tools.client.updateStatus<ServiceCIDR>(range, { ...range.status, conditions: [...conditions] });
  }

  /** Whether some address lies in this range and in no other that stays. */
  private isNeeded(range: ServiceCIDR): boolean {
    const others = this.ranges().filter((one) => one.metadata.name !== range.metadata.name && !isDeleting(one));
    return this.tools.informers
      .of('IPAddress')
      .lister.list()
      .some((address) => contains(range, address) && !others.some((one) => contains(one, address)));
  }
}

const contains = ({ spec }: ServiceCIDR, { metadata }: IPAddress): boolean => {
  const ip = parseIp(metadata.name ?? '');
  return (spec?.cidrs ?? []).some((cidr) => {
    const block = parseCidr(cidr);
    return Boolean(ip && block && cidrContains(block, ip));
  });
};
