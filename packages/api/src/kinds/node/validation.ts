// What is checked of nodes.
import { deepEqual } from '../../clone.js';
import { duplicate, type FieldError, forbiddenField, invalid } from '../../field-error.js';
import type { Node, Taint } from '../../gen/types.js';
import { formatCidr, isIpv6, legacyCidrErrors, parseCidr } from '../../ip.js';
import { labelValueErrors } from '../../names.js';
import { forEach, goStruct, invalidFor } from '../field-checks.js';
import { labelNameErrors, taintEffectErrors } from '../pod/scheduling-validation.js';
import { resourceQuantityErrors } from '../resource-names.js';

export function validateNode(node: Node): FieldError[] {
  const errors = [...taintsErrors(node.spec?.taints, 'metadata.taints'), ...statusErrors(node), ...podCidrsErrors(node.spec?.podCIDRs)];
  const source = node.spec?.configSource;
  return source && !source.configMap ? [...errors, invalid('spec.configSource', source, 'exactly one reference subfield must be non-nil')] : errors;
}

function podCidrsErrors(cidrs: readonly string[] | undefined): FieldError[] {
  const path = 'spec.podCIDRs';
  const errors = forEach(cidrs, path, (cidr, at) => invalidFor(at, cidr, legacyCidrErrors(cidr)));
  if (!cidrs || cidrs.length < 2) return errors;
  const broken = cidrs.findIndex((cidr) => !parseCidr(cidr));
  if (broken >= 0) {
    const why = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${broken}]: <nil> (invalid CIDR address: ${cidrs[broken]})`;
    errors.push({ field: path, reason: 'InternalError', message: `Internal error: ${why}` });
  }
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)).map((block) => block && isIpv6(block.address)));
  if (cidrs.length > 2 || families.size < 2 || broken >= 0) errors.push(invalid(path, cidrs, 'may specify no more than one CIDR for each IP family'));
  const blocks = cidrs.map((cidr) => parseCidr(cidr));
  if (blocks.length === 2 && blocks[0] && blocks[1] && formatCidr(blocks[0]) === formatCidr(blocks[1]))
    errors.push(duplicate(`${path}[1]`, cidrs[1]));
  return errors;
}

function taintsErrors(taints: readonly Taint[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return forEach(taints, path, (taint, at) => {
    const { key, value = '', effect } = taint;
    const errors = labelNameErrors(key, `${at}.key`);
    const wrong = labelValueErrors(value);
    if (wrong.length > 0) errors.push(invalid(`${at}.value`, value, wrong.join(';')));
    errors.push(...taintEffectErrors(effect, `${at}.effect`));
    const id = `${effect}/${key}`;
    if (seen.has(id)) {
      const again = duplicate(at, goStruct(taint));
      errors.push({ ...again, message: `${again.message}: taints must be unique by key and effect pair` });
    }
    seen.add(id);
    return errors;
  });
}

function statusErrors({ status }: Node): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['capacity', 'allocatable'] as const)
    for (const [name, quantity] of Object.entries(status?.[list] ?? {}))
      errors.push(...resourceQuantityErrors(name, quantity, `status.${list}.${name}`));
  return errors;
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = validateNode(node).filter(({ field }) => !field.startsWith('spec.podCIDRs'));
  const addresses = new Set<string>();
  errors.push(
    ...forEach(node.status?.addresses, 'status.addresses', (address, at) => {
      const id = JSON.stringify([address.type, address.address]);
      const again = addresses.has(id);
      addresses.add(id);
      return again ? [duplicate(at, goStruct(address))] : [];
    }),
  );
  const [now, before] = [node.spec ?? {}, old.spec ?? {}];
  if (before.podCIDRs?.length && !deepEqual(now.podCIDRs, before.podCIDRs))
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  if (before.providerID && now.providerID !== before.providerID)
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  return errors;
}
