// Images of the Docker Engine.
import type Docker from 'dockerode';
import type { ImageStatus, RegistryAuth } from '../container-runtime.js';
import { RuntimeError } from '../container-runtime.js';
import { engineMessage, isMissing, runtimeError } from './docker-error.js';

/** What an image says of its user: a number, or a name. */
function userIn(user: string): { uid?: number; username?: string } {
  const [name = ''] = user.split(':');
  if (name === '') return { uid: 0 };
  return /^\d+$/.test(name) ? { uid: Number(name) } : { username: name };
}

const named = (list: readonly string[] | null | undefined): string[] => (list ?? []).filter((name) => !name.startsWith('<none>'));

export async function imageStatus(docker: Docker, image: string): Promise<(ImageStatus & { readonly user: string }) | undefined> {
  try {
    const { Id, RepoTags, RepoDigests, Size, Config } = await docker.getImage(image).inspect();
    const user = Config?.User ?? '';
    return { id: Id, repoTags: named(RepoTags), repoDigests: named(RepoDigests), size: Size, user, ...userIn(user) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw runtimeError(error);
  }
}

export async function listImages(docker: Docker): Promise<ImageStatus[]> {
  const images = await docker.listImages();
  return images.map(({ Id, RepoTags, RepoDigests, Size }) => ({ id: Id, repoTags: named(RepoTags), repoDigests: named(RepoDigests), size: Size }));
}

export async function pullImage(docker: Docker, image: string, auth: RegistryAuth | undefined): Promise<string> {
  try {
    const options = auth ? { authconfig: { username: auth.username, password: auth.password, serveraddress: auth.serverAddress } } : {};
    const stream = (await docker.pull(image, options)) as NodeJS.ReadableStream;
    await new Promise<void>((resolve, reject) => docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())));
  } catch (error) {
    throw new RuntimeError(`rpc error: code = Unknown desc = ${engineMessage(error)}`, { cause: error });
  }
  return (await imageStatus(docker, image))?.id ?? image;
}
