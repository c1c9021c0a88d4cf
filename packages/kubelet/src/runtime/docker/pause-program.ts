// The program of a sandbox: it waits, reaps orphaned children, and ends on SIGTERM or SIGINT. It is so small that its machine code
// is kept here, which spares every node a download. In C: block SIGTERM, SIGINT and SIGCHLD; for (;;) { sigwait; TERM or INT: exit(0);
// while (waitpid(-1, 0, WNOHANG) > 0); }
import { arch } from 'node:process';

const code: Record<string, { readonly machine: number; readonly text: string }> = {
  x64: {
    machine: 62,
    text: 'b80e00000031ff488d355300000031d241ba080000000f05b880000000488d3d3d00000031f631d241ba080000000f0583f80f742383f802741eb83d00000048c7c7ffffffff31f6ba010000004531d20f0585c07fe4ebc0b8e700000031ff0f050240010000000000',
  },
  arm64: {
    machine: 183,
    text: '000080d261030010020080d2030180d2e81080d2010000d4c0020010010080d2020080d2030180d2281180d2010000d41f3c00f1800100541f0800f14001005400008092010080d2220080d2030080d2882080d2010000d41f0000f12cffff54eeffff17000080d2c80b80d2010000d40240010000000000',
  },
};

const base = 0x400000n;
const headerBytes = 64;
const programHeaderBytes = 56;

/** A static ELF executable with one segment. */
export function pauseProgram(architecture: string = arch): Buffer {
  const known = code[architecture];
  if (!known) throw new Error(`there is no pause program for ${architecture}`);
  const text = Buffer.from(known.text, 'hex');
  const start = headerBytes + programHeaderBytes;
  const file = Buffer.alloc(start + text.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(known.machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(base + BigInt(start), 24);
  file.writeBigUInt64LE(BigInt(headerBytes), 32);
  file.writeUInt16LE(headerBytes, 52);
  file.writeUInt16LE(programHeaderBytes, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(base, 80);
  file.writeBigUInt64LE(base, 88);
  file.writeBigUInt64LE(BigInt(file.length), 96);
  file.writeBigUInt64LE(BigInt(file.length), 104);
  file.writeBigUInt64LE(0x1000n, 112);
  text.copy(file, start);
  return file;
}
