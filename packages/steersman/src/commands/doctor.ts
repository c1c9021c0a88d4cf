// `steersman doctor`: looks at the machine and says what works, and how to mend what does not.
import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dockerAnswers } from '@steersman/kubelet';
import { networkProblem } from '@steersman/overlay';

interface Finding {
  readonly name: string;
  /** Undefined where all is well. */
  readonly problem?: string | undefined;
  readonly fix?: string;
}

const minNodeMajor = 22;
const lowDiskBytes = 1024 ** 3;
const lowMemoryBytes = 1024 ** 3;

export async function doctor(): Promise<void> {
  const findings = [nodeVersion(), await docker(), await networks(), await disk(), memory()];
  for (const { name, problem, fix } of findings) process.stdout.write(problem ? `✗ ${name}: ${problem}${fix ? ` — ${fix}` : ''}\n` : `✓ ${name}\n`);
  if (findings.some(({ problem }) => problem)) process.exitCode = 1;
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  return {
    name: `Node ${process.versions.node}`,
    ...(major < minNodeMajor && {
      problem: 'too old',
      fix: `run through npm in the repository, which brings its own, or install Node ${minNodeMajor} or newer`,
    }),
  };
}

const docker = async (): Promise<Finding> => ({
  name: 'Docker Engine',
  ...(!(await dockerAnswers()) && {
    problem: 'does not answer on /var/run/docker.sock',
    fix: 'start it, or install it with npm run up -- --install-docker; without it pods are simulated (--runtime hollow)',
  }),
});

const networks = async (): Promise<Finding> => {
  const problem = await networkProblem();
  return {
    name: 'networks (bridge, veth, iptables)',
    ...(problem && { problem, fix: 'run as root with iproute2, iptables and util-linux installed' }),
  };
};

async function disk(): Promise<Finding> {
  const { bavail, bsize } = await statfs('/');
  return {
    name: 'disk',
    ...(bavail * bsize < lowDiskBytes && { problem: 'less than 1 GiB is free', fix: 'free some space, or keep the data elsewhere with --data-dir' }),
  };
}

const memory = (): Finding => ({
  name: 'memory',
  ...(totalmem() < lowMemoryBytes && { problem: 'less than 1 GiB', fix: 'a bare API server (--only api) needs least' }),
});
