// The command line of `steersman`: parses it and runs one subcommand, of which only that one is loaded.
import { processSignal, UsageError } from '@steersman/component-base';
import { Command, CommanderError, Option } from 'commander';
import { securityFlags, securityValues } from './security/security-flags.js';
import { checkedOptions, type UpFlags } from './up/cluster-options.js';
import { explain } from './up/explain.js';

const dataDirHelp = 'where everything the cluster keeps is (default: /var/lib/steersman as root, else ~/.steersman)';

const program = new Command('steersman')
  .description('Kubernetes, whole, in TypeScript: one command, one real cluster.')
  .version('0.1.0')
  .configureOutput({ writeErr: (text) => void process.stderr.write(text.replace(/^error: /, 'steersman: ')) })
  .showHelpAfterError('(steersman --help tells what there is)')
  .exitOverride();

const up = program
  .command('up')
  .description('start a cluster in this process, or go on with the one in the data directory')
  .option('--data-dir <dir>', dataDirHelp)
  .option('--https-port <port>', 'port of the API', '6443')
  .option('--bind <address>', 'address the API listens on (default: all of them with --runtime docker, else 127.0.0.1)')
  .option('--kubeconfig <file>', 'where to write the kubeconfig (default: DATA_DIR/kubeconfig)')
  .option('--detach', 'go on in the background once ready')
  .option('--runtime <runtime>', 'what pods run on: docker, hollow (simulated) or none (no node); default: docker where it can be')
  .option('--nodes <n>', 'how many nodes', '1')
  .option('--store <store>', 'what holds the objects: embedded, memory or etcd (default: embedded; memory with --virtual-time)')
  .option('--etcd-endpoints <urls>', 'addresses of etcd, with --store etcd')
  .option('--virtual-time', 'let the clock of the cluster leap when steersman advance says so; with --runtime hollow or none')
  .option('--only <components>', 'start just these: api,controllers,scheduler,kubelet,overlay,proxy,dns')
  .option('--log-level <level>', 'debug, info, warn or error', 'warn')
  .addHelpText(
    'after',
    '\nFlags of upstream that secure the API server are taken too: steersman-apiserver --help lists them.\n\nExamples:\n  steersman up                                   a cluster on this machine\n  steersman up --runtime hollow --nodes 100      a hundred simulated nodes\n  steersman up --store memory --only api         a bare API server, for tests\n',
  )
  .action(async (flags: UpFlags) => {
    const options = checkedOptions(flags, securityValues(up.opts()));
    if (options.detach) await (await import('./up/detach.js')).detach(options, process.argv.slice(2));
    else await (await import('./up/up.js')).up(options, processSignal());
  });

for (const [name, { description, onOff }] of Object.entries(securityFlags)) {
  const option = new Option(`--${name} ${onOff ? '[value]' : '<value>'}`, description).hideHelp();
  up.addOption(onOff ? option.preset('true') : option);
}

program
  .command('down')
  .description('stop the cluster of the data directory; its containers go on until the next up or reset')
  .option('--data-dir <dir>', dataDirHelp)
  .action(async ({ dataDir }: { dataDir?: string }) => (await import('./commands/down.js')).down(dataDir));

program
  .command('reset')
  .description('stop the cluster and remove everything it made: data, containers, networks, rules, mounts')
  .option('--data-dir <dir>', dataDirHelp)
  .action(async ({ dataDir }: { dataDir?: string }) => (await import('./commands/reset.js')).reset(dataDir));

program
  .command('status')
  .description('tell whether the cluster runs, and how its parts are')
  .option('--data-dir <dir>', dataDirHelp)
  .action(async ({ dataDir }: { dataDir?: string }) => (await import('./commands/status.js')).status(dataDir));

program
  .command('advance')
  .argument('<duration>', 'how far, such as 90s, 10m, 1h30m or 7d')
  .description('move the clock of a cluster that was started with --virtual-time; everything due on the way happens')
  .option('--data-dir <dir>', dataDirHelp)
  .action(async (duration: string, { dataDir }: { dataDir?: string }) => (await import('./commands/advance.js')).advance(duration, dataDir));

program
  .command('doctor')
  .description('tell what this machine can run, and what to do about what it cannot')
  .action(async () => (await import('./commands/doctor.js')).doctor());

try {
  await program.parseAsync();
  process.exit(process.exitCode ?? 0);
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 1);
  process.stderr.write(`steersman: ${error instanceof UsageError ? error.message : explain(error)}\n`);
  process.exit(1);
}
