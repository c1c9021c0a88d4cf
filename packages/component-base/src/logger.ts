// The Logger of every component, on winston: constant messages, fields, and errors with their whole chain of causes.
import type { LogFields, Logger } from '@steersman/api';
import { createLogger as createWinstonLogger, format, transports, type Logger as WinstonLogger } from 'winston';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  readonly level?: LogLevel;
  readonly format?: 'text' | 'json';
  /** A file to write to instead of standard error. */
  readonly file?: string;
}

/** An error and its causes, outermost first. */
function errorChain(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current !== undefined && current !== null; current = current instanceof Error ? current.cause : undefined)
    parts.push(
      current instanceof AggregateError
        ? `${current.message} (${current.errors.map(errorChain).join('; ')})`
        : current instanceof Error
          ? current.message
          : String(current),
    );
  return parts.join(': ');
}

const expandErrors = format((info) => {
  const error = info['err'];
  if (error === undefined) return info;
  const stack = error instanceof Error && !('status' in error) ? error.stack : undefined;
  return { ...info, err: errorChain(error), ...(stack && info.level === 'error' && { stack }) };
});

const textLine = format.printf(({ timestamp, level, message, stack, ...fields }) => {
  const rest = Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' && /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join('');
  return `${String(timestamp)} ${level.toUpperCase().padEnd(5)} ${String(message)}${rest}${stack ? `\n${String(stack)}` : ''}`;
});

const wrap = (logger: WinstonLogger): Logger => ({
  debug: (message: string, fields?: LogFields) => void logger.debug(message, fields),
  info: (message: string, fields?: LogFields) => void logger.info(message, fields),
  warn: (message: string, fields?: LogFields) => void logger.warn(message, fields),
  error: (message: string, fields?: LogFields) => void logger.error(message, fields),
  child: (fields: LogFields) => wrap(logger.child({ ...fields })),
});

/** A logger that writes to standard error, or to a file. */
export function createLogger({ level = 'info', format: style = 'text', file }: LoggerOptions = {}): Logger {
  const output = file ? new transports.File({ filename: file }) : new transports.Stream({ stream: process.stderr });
  return wrap(
    createWinstonLogger({
      level,
      format: format.combine(expandErrors(), format.timestamp(), style === 'json' ? format.json() : textLine),
      transports: [output],
    }),
  );
}
