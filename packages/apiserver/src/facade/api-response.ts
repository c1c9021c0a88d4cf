// The answer to a request, with headers that all answers have: written in one go with the others, whoever writes those.
import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

export class ApiResponse extends ServerResponse {
  /** Names and values in turn. */
  readonly common: string[] = [];

  override writeHead(code: number, ...rest: unknown[]): this {
    const message = typeof rest[0] === 'string' ? rest[0] : undefined;
    const headers = (message === undefined ? rest[0] : rest[1]) as OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;
    const own: OutgoingHttpHeader[] = Array.isArray(headers)
      ? headers
      : Object.entries(headers ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
    return message === undefined ? super.writeHead(code, [...this.common, ...own]) : super.writeHead(code, message, [...this.common, ...own]);
  }
}
