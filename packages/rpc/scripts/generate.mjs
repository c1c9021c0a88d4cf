// Generates the gRPC stubs of every contract in proto/ with buf and ts-proto, when a contract is newer than the stubs.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../..', import.meta.url).pathname;
const out = join(root, 'packages/rpc/src/gen');
const stamp = join(out, '.stamp');

/** Whether anything had to be generated. */
export async function generate() {
  const contracts = globSync('steersman/*/v1/*.proto', { cwd: join(root, 'proto') });
  const newest = Math.max(...[...contracts.map((file) => join(root, 'proto', file)), import.meta.filename].map((file) => statSync(file).mtimeMs));
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newest) return false;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const template = {
    version: 'v2',
    plugins: [
      {
        local: [join(root, 'node_modules/.bin/protoc-gen-ts_proto')],
        out,
        opt: [
          'outputServices=grpc-js',
          'esModuleInterop=true',
          'importSuffix=.js',
          'forceLong=number',
          'env=node',
          'oneof=unions-value',
          'useOptionals=none',
          'outputJsonMethods=false',
          'outputPartialMethods=false',
          'useExactTypes=false',
          'outputTypeRegistry=false',
          'stringEnums=false',
        ],
      },
    ],
  };
  execFileSync(join(root, 'node_modules/.bin/buf'), ['generate', join(root, 'proto'), '--template', JSON.stringify(template)], { stdio: 'inherit' });
  writeFileSync(stamp, '');
  return true;
}
