// Image references: `registry.example/app:1@sha256:…`, as far as their tag decides the pull policy.

const domainPart = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domain = `${domainPart}(?:\\.${domainPart})*(?::[0-9]+)?`;
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:${domain}/)?${pathPart}(?:/${pathPart})*(?::([a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}))?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** The tag of an image; `latest` where it has neither tag nor digest, nothing where it is no image name. */
export function imageTag(image: string): string {
  const match = reference.exec(image);
  if (!match) return '';
  return match[1] ?? (match[2] ? '' : 'latest');
}
