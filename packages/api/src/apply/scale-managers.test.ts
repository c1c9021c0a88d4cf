import { expect, it } from 'vitest';
import { fieldSetOf } from './field-set.js';
import { readManagers, writeManagers } from './managers.js';
import { managersOfParent, managersOfScale } from './scale-managers.js';

const replicas = ['f:spec', 'f:replicas'];
const entry = (manager: string, operation: string, apiVersion: string, ...paths: string[][]) => ({
  manager,
  operation,
  apiVersion,
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: fieldSetOf(...paths),
});

it('shows the managers of the replica count, and takes it from those who lost it in the scale', () => {
  const parent = readManagers([
    entry('alice', 'Apply', 'apps/v1', replicas, ['f:spec', 'f:paused']),
    entry('bob', 'Update', 'apps/v1', ['f:spec', 'f:paused']),
  ]);
  expect(writeManagers(managersOfScale(parent, replicas))).toEqual([entry('alice', 'Apply', 'autoscaling/v1', replicas)]);

  const scale = readManagers([{ ...entry('scaler', 'Update', 'autoscaling/v1', replicas), subresource: 'scale' }]);
  expect(writeManagers(managersOfParent(parent, scale, { apiVersion: 'apps/v1', replicas }))).toEqual([
    entry('alice', 'Apply', 'apps/v1', ['f:spec', 'f:paused']),
    { manager: 'scaler', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: fieldSetOf(replicas), subresource: 'scale' },
    entry('bob', 'Update', 'apps/v1', ['f:spec', 'f:paused']),
  ]);
});
