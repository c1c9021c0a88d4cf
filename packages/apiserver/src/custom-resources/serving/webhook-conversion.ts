// Conversion by webhook: objects of a custom resource are sent away and come back in another version.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion
import { type CustomResourceDefinition, deepEqual, type Random, StatusError, splitApiVersion } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { WebhookClient } from '../../webhooks/webhook-client.js';
import { isRecord } from '../schema/schema-node.js';
import type { Converter } from './stored-form.js';

const timeoutSeconds = 30;
const reviewVersions = ['v1', 'v1beta1'];

interface Waiting {
  readonly object: ApiObject;
  resolve(object: ApiObject): void;
  reject(error: unknown): void;
}

const kindText = ({ apiVersion = '', kind }: ApiObject): string => `${apiVersion}, Kind=${kind}`;

/** As upstream answers: without a reason. */
const failure = (message: string): StatusError => new StatusError({ code: 500, message });

class Refused extends Error {
  override readonly name = 'Refused';
}

/** The converter of a definition; objects that are asked for together, as those of a list, are sent together. */
export function webhookConverter(
  { spec }: CustomResourceDefinition,
  { client, random }: { readonly client: WebhookClient; readonly random: Random },
): Converter {
  const { clientConfig = {}, conversionReviewVersions = [] } = spec.conversion?.webhook ?? {};
  const version = conversionReviewVersions.find((one) => reviewVersions.includes(one));
  const waiting = new Map<string, Waiting[]>();

  const send = async (desiredAPIVersion: string, objects: readonly ApiObject[]): Promise<unknown[]> => {
    if (!version) throw new Refused('no supported conversion review versions');
    const apiVersion = `apiextensions.k8s.io/${version}`;
    const uid = random.uid();
    const review = { apiVersion, kind: 'ConversionReview', request: { uid, desiredAPIVersion, objects } };
    const answer = await client.post(clientConfig, review, timeoutSeconds);
    return convertedObjects(answer, { uid, apiVersion, count: objects.length });
  };

  const flush = async (apiVersion: string): Promise<void> => {
    const batch = waiting.get(apiVersion) ?? [];
    waiting.delete(apiVersion);
    const prefix = `conversion webhook for ${kindText(batch[0]!.object)} `;
    try {
      const converted = await send(
        apiVersion,
        batch.map(({ object }) => object),
      );
      for (const [index, { object, resolve, reject }] of batch.entries()) {
        const result = checked(object, converted[index], apiVersion);
        if ('problem' in result) reject(failure(`${prefix}returned ${result.problem}`));
        else resolve(result.object);
      }
    } catch (error) {
      for (const { reject } of batch) reject(failure(`${prefix}failed: ${(error as Error).message}`));
    }
  };

  return (object, apiVersion) =>
    new Promise((resolve, reject) => {
      const batch = waiting.get(apiVersion);
      if (batch) batch.push({ object, resolve, reject });
      else {
        waiting.set(apiVersion, [{ object, resolve, reject }]);
        queueMicrotask(() => void flush(apiVersion));
      }
    });
}

function convertedObjects(answer: unknown, { uid, apiVersion, count }: { uid: string; apiVersion: string; count: number }): unknown[] {
  if (!isRecord(answer)) throw new Refused('no response provided');
  const isFirst = apiVersion.endsWith('/v1');
  if (isFirst && (answer['apiVersion'] !== apiVersion || answer['kind'] !== 'ConversionReview'))
    throw new Refused(`expected webhook response of ${apiVersion}, Kind=ConversionReview, got ${answer['apiVersion']}, Kind=${answer['kind']}`);
  const response = answer['response'];
  if (!isRecord(response)) throw new Refused('no response provided');
  if (isFirst && response['uid'] !== uid)
    throw new Refused(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  const result = isRecord(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success')
    throw new Refused(String(result['message'] || `response.result.status was '${result['status'] ?? ''}', not 'Success'`));
  const objects = Array.isArray(response['convertedObjects']) ? response['convertedObjects'] : [];
  if (objects.length !== count) throw new Refused(`returned ${objects.length} objects, expected ${count}`);
  return objects;
}

/** The object that came back, with the metadata that no webhook may change. */
function checked(original: ApiObject, converted: unknown, apiVersion: string): { object: ApiObject } | { problem: string } {
  if (!isRecord(converted)) return { problem: 'invalid object at index 0: not an object' };
  const { metadata } = converted;
  const expected = splitApiVersion(apiVersion);
  if (converted['apiVersion'] !== apiVersion)
    return {
      problem: `invalid object at index 0: invalid groupVersion (expected ${expected.group}/${expected.version}, received ${converted['apiVersion'] ?? ''})`,
    };
  if (converted['kind'] !== original.kind)
    return { problem: `invalid object at index 0: invalid kind (expected ${original.kind}, received ${converted['kind'] ?? ''})` };
  if (!isRecord(metadata)) return { problem: 'invalid metadata: missing metadata in converted object' };
  for (const [field, called] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const)
    if (!deepEqual(metadata[field] ?? '', original.metadata[field] ?? ''))
      return { problem: `invalid object: must have the same ${called}: ${original.metadata[field] ?? ''} != ${metadata[field] ?? ''}` };
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
  const { labels, annotations } = metadata as ApiObject['metadata'];
  return { object: { ...converted, metadata: { ...kept, ...(labels && { labels }), ...(annotations && { annotations }) } } as unknown as ApiObject };
}
