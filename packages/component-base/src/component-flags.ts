// The command line of a single component: flags by their upstream names, checked, with a help text that teaches.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface Flag {
  readonly description: string;
  readonly default?: string;
  readonly boolean?: boolean;
  /** On or off: `--flag` is `--flag=true`. */
  readonly onOff?: boolean;
  readonly required?: boolean;
}

export interface CommandDescription<Flags extends Record<string, Flag>> {
  readonly command: string;
  readonly summary: string;
  readonly flags: Flags;
  readonly example: string;
}

/** A command line that cannot be used; its message is the one line to print. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const configFlag: Flag = { description: 'a JSON file with any of these flags by name; the command line wins' };

/** The help text: what the command does, each flag with its default, an example. */
export function helpText({ command, summary, flags, example }: CommandDescription<Record<string, Flag>>): string {
  const rows = Object.entries<Flag>({ ...flags, config: configFlag }).map(([name, flag]) => ({
    left: `  --${name}${flag.boolean ? '' : flag.onOff ? '[=true|false]' : ' VALUE'}`,
    right: `${flag.description}${flag.default ? ` (default: ${flag.default})` : ''}${flag.required ? ' (required)' : ''}`,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return [
    summary,
    '',
    `Usage: ${command} [flags]`,
    '',
    ...rows.map(({ left, right }) => left.padEnd(width) + right),
    '',
    `Example: ${example}`,
    '',
  ].join('\n');
}

/** Parses flags; throws UsageError with one line that says what is wrong and what to do. */
export function parseFlags<Flags extends Record<string, Flag>>(
  description: CommandDescription<Flags>,
  argv: readonly string[],
): { [Name in keyof Flags]: string | undefined } & { help: boolean } {
  const all: Record<string, Flag> = { ...description.flags, config: configFlag };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { boolean }]) => [name, { type: boolean ? ('boolean' as const) : ('string' as const) }]),
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: argv.map((one) => (all[one.slice(2)]?.onOff && one.startsWith('--') ? `${one}=true` : one)),
      options: { ...options, help: { type: 'boolean' } },
      strict: true,
    }));
  } catch (error) {
    const unknown = /Unknown option '(-+[^' ]+)'/.exec((error as Error).message)?.[1];
    throw new UsageError(
      `${unknown ? `unknown flag ${unknown}` : (error as Error).message.split('. ')[0]}: run ${description.command} --help for the flags there are`,
    );
  }
  const fromFile = typeof values['config'] === 'string' ? readConfigFile(values['config'], all) : {};
  const merged: Record<string, string | undefined> = {};
  for (const [name, flag] of Object.entries(all)) {
    const value = values[name] ?? fromFile[name] ?? flag.default;
    if (value === undefined && flag.required && !values['help']) throw new UsageError(`--${name} is required: ${flag.description}`);
    merged[name] = value === undefined || value === false ? undefined : String(value);
  }
  return { ...merged, help: values['help'] === true } as { [Name in keyof Flags]: string | undefined } & { help: boolean };
}

function readConfigFile(file: string, flags: Record<string, Flag>): Record<string, unknown> {
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON (${(error as Error).message}): give --config a file of flag names and values`);
  }
  const unknown = Object.keys(parsed).find((name) => !(name in flags));
  if (unknown) throw new UsageError(`${file} has the unknown key ${unknown}: its keys are the flag names`);
  return parsed;
}
