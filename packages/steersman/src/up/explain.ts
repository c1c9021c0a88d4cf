// Why a command failed, as one line that names the fix.

const fixes: readonly { readonly matches: RegExp; readonly line: (text: string) => string }[] = [
  { matches: /EADDRINUSE/, line: (text) => `${port(text)} is in use: stop what listens there, or choose another with --https-port` },
  { matches: /EACCES.*listen|listen EACCES/, line: (text) => `no permission to listen on ${port(text)}: choose a port above 1023 with --https-port` },
  { matches: /ENOSPC/, line: () => 'the disk is full: free some space, or choose another --data-dir' },
  { matches: /EACCES|EPERM/, line: (text) => `${text}: run as a user that may write there, or choose another --data-dir` },
];

const port = (text: string): string => /(?:port |:)(\d+)/.exec(text)?.[0]?.replace(/^:/, 'port ') ?? 'the port';

const named = ['StoreLockedError', 'NewerDataError', 'StoreFullError'];

/** The chain of an error's causes as one line. */
export function explain(error: unknown): string {
  const chain = [...walk(error)];
  const clear = chain.find(({ name }) => named.includes(name));
  if (clear) return clear.message;
  const text = [...new Set(chain.map(({ message }) => message))].join(': ') || String(error);
  return fixes.find(({ matches }) => matches.test(text))?.line(text) ?? text;
}

function* walk(error: unknown): Generator<Error> {
  for (let current = error; current instanceof Error; current = current.cause) {
    yield current;
    if (current instanceof AggregateError) for (const one of current.errors) yield* walk(one);
  }
}
