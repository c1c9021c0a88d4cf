// Pods of accounts that say which secrets they may refer to.
import type { Pod, ServiceAccount } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { secretsProblem } from './mountable-secrets.js';

const account = (enforce: string): ServiceAccount => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'sa', annotations: { 'kubernetes.io/enforce-mountable-secrets': enforce } },
  secrets: [{ name: 'known' }],
  imagePullSecrets: [{ name: 'registry' }],
});

const problem = (spec: Partial<NonNullable<Pod['spec']>>, enforce = 'true'): string | undefined =>
  secretsProblem({ containers: [], ...spec }, account(enforce));
const because = (kind = 'secret'): string => ` is not allowed because service account sa does not reference that ${kind}`;

describe('an account that enforces its secrets', () => {
  it('lets pods refer to those, and to no others', () => {
    expect(problem({ volumes: [{ name: 'v', secret: { secretName: 'known' } }], imagePullSecrets: [{ name: 'registry' }] })).toBeUndefined();
    expect(problem({ volumes: [{ name: 'v', secret: { secretName: 'other' } }] })).toBe(`volume with secret.secretName="other"${because()}`);
    expect(problem({ initContainers: [{ name: 'c', envFrom: [{ secretRef: { name: 'other' } }] }] })).toBe(
      `init container c with envFrom referencing secret.secretName="other"${because()}`,
    );
    expect(problem({ containers: [{ name: 'c', env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'other', key: 'k' } } }] }] })).toBe(
      `container c with envVar E referencing secret.secretName="other"${because()}`,
    );
    expect(problem({ imagePullSecrets: [{ name: 'known' }] })).toBe(`imagePullSecrets[0].name="known"${because('imagePullSecret')}`);
  });

  it('is any that says so', () => {
    expect(problem({ volumes: [{ name: 'v', secret: { secretName: 'other' } }] }, 'false')).toBeUndefined();
  });
});
