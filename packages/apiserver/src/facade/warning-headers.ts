// Warnings as headers: each once, none that a header cannot hold, all of them shortened where they are long together.

/** So many characters there may be of all warnings together; where there are more, of each only so many. */
const mostCharacters = 4096;
const mostOfEach = 256;

/** The values of Warning headers (https://www.rfc-editor.org/rfc/rfc7234#section-5.5), in the bytes of UTF-8 as headers carry them. */
export function warningHeaders(warnings: readonly string[]): string[] {
  const texts = [...new Set(warnings)].filter((text) => text !== '' && !/\p{Cc}/u.test(text)).map((text) => [...text.toWellFormed()]);
  const total = texts.reduce((sum, { length }) => sum + length, 0);
  return (total <= mostCharacters ? texts : shortened(texts)).map((text) => headerOf(text.join('')));
}

function shortened(texts: readonly string[][]): string[][] {
  const kept: string[][] = [];
  let written = 0;
  for (const text of texts) {
    if (written >= mostCharacters) break;
    const short = text.slice(0, mostOfEach);
    written += short.length;
    kept.push(short);
  }
  return kept;
}

const headerOf = (text: string): string => Buffer.from(`299 - "${text.replace(/["\\]/g, '\\$&')}"`).toString('latin1');
