// Finds the fields that stand twice in a JSON text, which JSON.parse silently merges.

/** Whether a value, written again, is the text it was parsed from: then no field stood twice in it. Most texts are compact. */
export function isCompactCopy(text: string, value: unknown): boolean {
  const again = JSON.stringify(value);
  return again === text || (text.length === again.length + 1 && text.endsWith('\n') && text.startsWith(again));
}

/** The paths of duplicate fields, such as `spec.containers[0].image`, in the order met. The text must be valid JSON. */
export function duplicateFields(text: string): string[] {
  const found: string[] = [];
  let at = 0;

  const skipSpace = (): void => {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at++;
  };

  const readString = (): string => {
    const start = at++;
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  };

  const readValue = (path: string): void => {
    skipSpace();
    const first = text[at];
    if (first === '{') readObject(path);
    else if (first === '[') readArray(path);
    else if (first === '"') readString();
    else while (at < text.length && !',]} \n\t\r'.includes(text[at] ?? '')) at++;
  };

  const readObject = (path: string): void => {
    const seen = new Set<string>();
    const reported = new Set<string>();
    at++;
    skipSpace();
    while (text[at] !== '}') {
      skipSpace();
      const key = readString();
      const inner = path ? `${path}.${key}` : key;
      if (seen.has(key) && !reported.has(key)) {
        found.push(inner);
        reported.add(key);
      }
      seen.add(key);
      skipSpace();
      at++;
      readValue(inner);
      skipSpace();
      if (text[at] === ',') at++;
    }
    at++;
  };

  const readArray = (path: string): void => {
    at++;
    skipSpace();
    for (let index = 0; text[at] !== ']'; index++) {
      readValue(`${path}[${index}]`);
      skipSpace();
      if (text[at] === ',') at++;
      skipSpace();
    }
    at++;
  };

  readValue('');
  return found;
}
