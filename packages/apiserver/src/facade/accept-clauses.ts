// The clauses of an Accept header in the order in which upstream tries them, its peculiarities included.

export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The clauses of a header, the best first; what makes no sense is left out. */
export function acceptClauses(header: string): AcceptClause[] {
  const clauses: AcceptClause[] = [];
  for (const part of header.split(',')) {
    const clause = parseClause(part);
    if (!clause) continue;
    // Upstream's order is no order of sets but what insertion makes of it: a clause moves up as long as it comes before its neighbour.
    let at = clauses.push(clause) - 1;
    for (; at > 0 && comesBefore(clause, clauses[at - 1]!); at--) clauses[at] = clauses[at - 1]!;
    clauses[at] = clause;
  }
  return clauses;
}

const comesBefore = (a: AcceptClause, b: AcceptClause): boolean =>
  a.quality > b.quality || (a.type !== '*' && b.type === '*') || (a.subtype !== '*' && b.subtype === '*');

function parseClause(part: string): AcceptClause | undefined {
  const [range = '', ...rest] = part.split(';');
  const [type = '', subtype = type.trim() === '*' ? '*' : '', ...more] = range.split('/').map((word) => word.trim());
  if (subtype === '' || more.length > 0) return undefined;
  let quality = 1;
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const [name = '', value = '', ...further] = parameter.split('=').map((word) => word.trim());
    if (value === '' || further.length > 0) continue;
    if (name === 'q') quality = Number(value) || 0;
    else parameters.set(name, value);
  }
  return { type, subtype, quality, parameters };
}
