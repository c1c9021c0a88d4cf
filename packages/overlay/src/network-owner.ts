// One cluster at a time has the pod network of a machine: bridge, chains and addresses are named alike in all. A file that lives as
// long as the network does (until the machine starts anew) says whose it is.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';

const ownerFile = '/run/steersman/network-owner';

/** The directory of the overlay that has the network; undefined where nobody has it, or its directory is gone. */
function owner(): string | undefined {
  if (!existsSync(ownerFile)) return undefined;
  const directory = readFileSync(ownerFile, 'utf8').trim();
  return directory && existsSync(directory) ? directory : undefined;
}

const within = (directory: string, parent: string): boolean => directory === parent || directory.startsWith(parent + sep);

/** The directory of another cluster that has the network of this machine, if one has. */
export function otherOwner(dataDir: string): string | undefined {
  const directory = owner();
  return directory !== undefined && !within(directory, resolve(dataDir)) && !within(resolve(dataDir), directory) ? directory : undefined;
}

/** Takes the network for the overlay that keeps its addresses in a directory; throws where another cluster has it. */
export function claimNetwork(directory: string): void {
  const other = otherOwner(directory);
  if (other) throw new Error(`the pod network of this machine belongs to the cluster in ${other}`);
  mkdirSync(dirname(ownerFile), { recursive: true });
  writeFileSync(ownerFile, `${resolve(directory)}\n`);
}

export const releaseNetwork = (): void => rmSync(ownerFile, { force: true });
