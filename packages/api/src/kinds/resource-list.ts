// Maps of resource names to quantities.
import { formatQuantity, parseQuantity } from '../quantity.js';

export type ResourceList = Record<string, string>;

const micro = 1_000_000n;
const whole = 1_000_000_000n;

/** Whether a quantity is a whole number. */
export const isWhole = (quantity: string): boolean => parseQuantity(quantity).nano % whole === 0n;

/** Rounds quantities finer than a thousandth up to it, in place. */
export function roundedToMilli(list: ResourceList | undefined): void {
  for (const name in list) {
    const text = list[name]!;
    if (!/[nueE.]/.test(text)) continue;
    const { nano, format } = parseQuantity(text);
    const rest = nano % micro;
    if (rest !== 0n) list[name] = formatQuantity({ nano: nano - rest + (rest > 0n ? micro : -micro), format });
  }
}
