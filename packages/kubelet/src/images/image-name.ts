// Image references: their parts, the default tag, and what is wrong with one that is none.
// Mirrors https://github.com/distribution/reference

export interface ImageName {
  /** With the registry where it was given. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const domain =
  '(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?';
const reference = new RegExp(
  `^((?:${domain}/)?${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);

/** Parses a reference; throws with upstream's words where it is none. */
export function parseImageName(image: string): ImageName {
  const found = reference.exec(image);
  const isHash = /^[a-f0-9]{64}$/.test(image);
  const first = image.split('/')[0] ?? '';
  const hasDomain = image.includes('/') && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const rest = hasDomain ? image.slice(first.length + 1) : image;
  const repository = rest.split('@')[0]!.replace(/:[^/]*$/, '');
  if (image !== '' && repository !== repository.toLowerCase()) {
    throw new Error(`couldn't parse image name "${image}": invalid reference format: repository name (${repository}) must be lowercase`);
  }
  if (!found || isHash) throw new Error(`couldn't parse image name "${image}": invalid reference format`);
  return { repository: found[1]!, tag: found[2], digest: found[3] };
}

/** The reference with the tag `latest` where it has neither tag nor digest. */
export function withDefaultTag(image: string): string {
  const { tag, digest } = parseImageName(image);
  return tag || digest ? image : `${image}:latest`;
}
