// Texts that cells of several kinds have in common.
import { type LabelSelectorLike, SelectorError, selectorText } from '@steersman/api';

export interface Template {
  readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image?: string }[] };
}

export const containerNames = (template: Template | undefined): string => (template?.spec?.containers ?? []).map(({ name }) => name).join(',');

export const images = (template: Template | undefined): string => (template?.spec?.containers ?? []).map(({ image }) => image ?? '').join(',');

/** Labels as `a=b,c=d`. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const text = Object.keys(labels ?? {})
    .sort()
    .map((key) => `${key}=${labels?.[key]}`)
    .join(',');
  return text || '<none>';
}

export function labelSelectorText(selector: LabelSelectorLike | undefined): string {
  try {
    return (selector && selectorText(selector)) || '<none>';
  } catch (error) {
    if (error instanceof SelectorError) return '<error>';
    throw error;
  }
}

/** The first few of a list, and how many more there are. */
export const firstOf = (list: readonly string[], count: number, separator = ','): string =>
  list.length > count ? `${list.slice(0, count).join(separator)} + ${list.length - count} more...` : list.join(separator);

const shortModes: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };

/** Access modes in short, in upstream's order. */
export const accessModesText = (modes: readonly string[] | undefined): string =>
  Object.keys(shortModes)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => shortModes[mode])
    .join(',');

export const unsetOr = (value: string | undefined): string => value ?? '<unset>';

/** Addresses under which a load balancer is reached. */
export function ingressAddresses(status: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] } | undefined): string {
  return [...new Set((status?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean))].sort().join(',');
}
