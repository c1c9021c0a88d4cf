// A fingerprint of those fields of a container whose change restarts it. In v1.35 these are its name and image.
import { createHash } from 'node:crypto';
import type { AnyContainer } from './pod.js';

export const containerHash = ({ name, image }: AnyContainer): string =>
  createHash('sha256').update(JSON.stringify({ name, image })).digest('hex').slice(0, 8);
