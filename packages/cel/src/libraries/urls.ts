// url(), isURL() and the parts of URLs.
// Mirrors https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library
import { FunctionError } from '../expression-error.js';
import { functions, type Library } from './library.js';

/** A URL as Go's ParseRequestURI takes it apart: nothing is normalised. */
export class Url {
  constructor(
    readonly scheme: string,
    readonly host: string,
    readonly path: string,
    readonly query: string,
  ) {}

  equals(other: unknown): boolean {
    return other instanceof Url && other.scheme === this.scheme && other.host === this.host && other.path === this.path && other.query === this.query;
  }

  get hostname(): string {
    if (this.host.startsWith('[')) return this.host.slice(1, this.host.indexOf(']'));
    return this.host.replace(/:\d*$/, '');
  }

  get port(): string {
    return /:(\d*)$/.exec(this.host)?.[1] ?? '';
  }
}

const problem = (text: string, why: string): FunctionError =>
  new FunctionError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${why}`);

function url(text: string): Url {
  if (text === '') throw problem(text, 'empty url');
  if (/[\p{Cc}]/u.test(text)) throw problem(text, 'net/url: invalid control character in URL');
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/s.exec(text);
  const [, scheme, authority, path = '', query = ''] = match ?? [];
  if (scheme === undefined && !text.startsWith('/')) throw problem(text, 'invalid URI for request');
  if (scheme !== undefined && authority === undefined && !path.startsWith('/')) throw problem(text, 'invalid URI for request');
  const host = (authority ?? '').replace(/^[^@]*@/, '');
  if (/[\s<>"]/.test(host)) throw problem(text, `invalid character ${JSON.stringify(/[\s<>"]/.exec(host)![0])} in host name`);
  if (/:[^\d\]]+$/.test(host) && !host.endsWith(']'))
    throw problem(text, `invalid port ${JSON.stringify(host.slice(host.lastIndexOf(':')))} after host`);
  const broken = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path);
  if (broken) throw problem(text, `invalid URL escape ${JSON.stringify(broken[0])}`);
  return new Url(scheme?.toLowerCase() ?? '', host, path, query);
}

const escapedPath = ({ path }: Url): string => encodeURI(path.replace(/%(?=[0-9a-fA-F]{2})/g, '\u0000')).replaceAll('%00', '%');

function query({ query }: Url): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(query)) values.set(key, [...(values.get(key) ?? []), value]);
  return values;
}

export const urlLibrary: Library = (environment) => {
  const name = 'kubernetes.URL';
  environment.registerType(name, Url);
  environment.registerOperator(`${name} == ${name}`, (a: Url, b: Url) => a.equals(b));
  functions(environment, {
    [`url(string): ${name}`]: url,
    'isURL(string): bool': (text: string) => {
      try {
        return url(text) instanceof Url;
      } catch (error) {
        if (error instanceof FunctionError) return false;
        throw error;
      }
    },
    [`${name}.getScheme(): string`]: ({ scheme }: Url) => scheme,
    [`${name}.getHost(): string`]: ({ host }: Url) => host,
    [`${name}.getHostname(): string`]: ({ hostname }: Url) => hostname,
    [`${name}.getPort(): string`]: ({ port }: Url) => port,
    [`${name}.getEscapedPath(): string`]: escapedPath,
    [`${name}.getQuery(): map<string, list<string>>`]: query,
  });
};
