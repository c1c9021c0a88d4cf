// The audit log as a file of JSON lines that begins anew when it is full; old ones are kept as long as asked for.
import { closeSync, createReadStream, createWriteStream, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock, Logger } from '@steersman/api';
import type { AuditBackend, AuditEvent } from './audit-event.js';

export interface AuditLogOptions {
  /** `-` is the standard output. */
  readonly path: string;
  /** Days; 0 keeps files of any age. */
  readonly maxAgeDays: number;
  /** 0 keeps any number of files. */
  readonly maxBackups: number;
  /** 0 is upstream's hundred. */
  readonly maxSizeMegabytes: number;
  /** Old files are packed with gzip. */
  readonly compress?: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

const megabyte = 1024 * 1024;
const defaultMegabytes = 100;
const dayMs = 24 * 3600 * 1000;
const stdout = 1;
const packedExtension = '.gz';

/** Every event is written before its request goes on, as upstream's blocking mode has it. */
export class AuditLogFile implements AuditBackend {
  private descriptor: number;
  private size: number;
  private rotatedMs = 0;
  private readonly maxBytes: number;

  /** Opens the file; throws where that cannot be. */
  constructor(private readonly options: AuditLogOptions) {
    this.maxBytes = (options.maxSizeMegabytes || defaultMegabytes) * megabyte;
    this.descriptor = this.open();
    this.size = this.toStdout ? 0 : fstatSync(this.descriptor).size;
  }

  log(event: AuditEvent): void {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    if (!this.toStdout && this.size > 0 && this.size + line.length > this.maxBytes) this.rotate();
    for (let at = 0; at < line.length; ) at += writeSync(this.descriptor, line, at);
    this.size += line.length;
  }

  private get toStdout(): boolean {
    return this.options.path === '-';
  }

  private open(): number {
    if (this.toStdout) return stdout;
    mkdirSync(dirname(this.options.path), { recursive: true, mode: 0o755 });
    return openSync(this.options.path, 'a', 0o600);
  }

  private rotate(): void {
    const { path, clock } = this.options;
    closeSync(this.descriptor);
    // Two files of the same millisecond would have the same name.
    this.rotatedMs = Math.max(clock.now(), this.rotatedMs + 1);
    const backup = join(dirname(path), this.backupName(this.rotatedMs));
    renameSync(path, backup);
    this.descriptor = this.open();
    this.size = 0;
    this.removeOld();
    if (this.options.compress) void this.pack(backup);
  }

  /** Goes on beside the requests; a file that is removed meanwhile is no loss. */
  private async pack(file: string): Promise<void> {
    const packed = file + packedExtension;
    try {
      await pipeline(createReadStream(file), createGzip(), createWriteStream(packed, { mode: 0o600 }));
      rmSync(file, { force: true });
    } catch (err) {
      rmSync(packed, { force: true });
      this.options.logger.warn('packing an old audit log failed', { file, err });
    }
  }

  private get parts(): { stem: string; extension: string } {
    const extension = extname(this.options.path);
    return { stem: `${basename(this.options.path, extension)}-`, extension };
  }

  private backupName(nowMs: number): string {
    const { stem, extension } = this.parts;
    return stem + new Date(nowMs).toISOString().replace(/:/g, '-').replace('Z', '') + extension;
  }

  private removeOld(): void {
    const { path, maxAgeDays, maxBackups, clock } = this.options;
    const { stem, extension } = this.parts;
    const timeOf = (name: string): string =>
      name
        .slice(stem.length)
        .replace(packedExtension, '')
        .slice(0, extension ? -extension.length : undefined);
    const isBackup = (name: string): boolean => name.startsWith(stem) && /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/.test(timeOf(name));
    const backups = readdirSync(dirname(path)).filter(isBackup).sort().reverse();
    const oldest = maxAgeDays > 0 ? this.backupName(clock.now() - maxAgeDays * dayMs) : '';
    const kept = backups.slice(0, maxBackups || backups.length).filter((name) => name >= oldest);
    for (const name of backups) if (!kept.includes(name)) rmSync(join(dirname(path), name), { force: true });
  }
}
