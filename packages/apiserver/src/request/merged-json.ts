// JSON in which fields stand twice, as upstream reads it: into what is there already, so that objects are merged.
// JSON.parse keeps the last value alone.
import { setMember } from '@steersman/api';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a text that is known to be JSON. */
export const mergedJson = (text: string): unknown => new Reader(text).value();

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): unknown {
    this.space();
    const first = this.text[this.at];
    if (first === '{') return this.object();
    if (first === '[') return this.array();
    return JSON.parse(this.scalar()) as unknown;
  }

  private scalar(): string {
    const start = this.at;
    if (this.text[this.at] !== '"') {
      while (this.at < this.text.length && !',]} \n\t\r'.includes(this.text[this.at]!)) this.at++;
      return this.text.slice(start, this.at);
    }
    this.at++;
    while (this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1;
    this.at++;
    return this.text.slice(start, this.at);
  }

  private object(): Json {
    const result: Json = {};
    this.at++;
    for (this.space(); this.text[this.at] !== '}'; this.space()) {
      const name = JSON.parse(this.scalar()) as string;
      this.space();
      this.at++;
      put(result, name, this.value());
      this.comma();
    }
    this.at++;
    return result;
  }

  private array(): unknown[] {
    const result: unknown[] = [];
    this.at++;
    for (this.space(); this.text[this.at] !== ']'; this.space()) {
      result.push(this.value());
      this.comma();
    }
    this.at++;
    return result;
  }

  private comma(): void {
    this.space();
    if (this.text[this.at] === ',') this.at++;
  }

  private space(): void {
    while (' \n\t\r'.includes(this.text[this.at] ?? '-')) this.at++;
  }
}

function put(result: Json, name: string, value: unknown): void {
  const before = Object.hasOwn(result, name) ? result[name] : undefined;
  if (isObject(before) && isObject(value)) for (const [inner, item] of Object.entries(value)) put(before, inner, item);
  else setMember(result, name, value);
}
