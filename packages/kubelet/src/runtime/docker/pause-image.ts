// The image of sandboxes: made on the node itself from the pause program, so that nothing has to be pulled.
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { pauseProgram } from './pause-program.js';

export const pauseImage = 'steersman/pause:1';
const changes = ['ENTRYPOINT ["/pause"]'];

/** Makes the image unless it is there. */
export async function ensurePauseImage(docker: Docker): Promise<void> {
  const found = await docker
    .getImage(pauseImage)
    .inspect()
    .catch(() => undefined);
  if (found) return;
  const tree = pack();
  tree.entry({ name: 'pause', mode: 0o755, mtime: new Date(0) }, pauseProgram());
  tree.finalize();
  const parts: Buffer[] = [];
  for await (const part of tree) parts.push(part as Buffer);
  const [repo, tag] = pauseImage.split(':');
  const answer = await docker.importImage(Readable.from([Buffer.concat(parts)]), { repo, tag, changes });
  await new Promise<void>((resolve, reject) => docker.modem.followProgress(answer, (error) => (error ? reject(error) : resolve())));
}
