// The events of a watch as bytes: a line of JSON each, or protobuf with its length before it. Those of whole objects are encoded once
// for all watchers.
import { type KubernetesObject, protobufObject, protobufWatchFrame } from '@steersman/api';
import { alone, type CachedObject } from '../cache/cached-object.js';
import type { CacheEvent } from '../cache/resource-cache.js';
import { protobufType } from '../request/body-parser.js';
import type { MediaType } from './accept.js';
import { protobufBody } from './encoded-body.js';

export interface WatchFormat {
  readonly contentType: string;
  frame(type: string, value: object): Buffer;
  objectFrame(type: string, object: CachedObject): Buffer;
  /** The frame of an event that is the same for all. */
  shared(event: CacheEvent): Buffer;
}

export const watchFormat = (type: MediaType): WatchFormat => (type === protobufType ? protobufFormat : jsonFormat);

const frameEnd = Buffer.from('}\n');

const jsonFrame = (type: string, json: Buffer): Buffer => Buffer.concat([Buffer.from(`{"type":"${type}","object":`), json, frameEnd]);

const jsonFormat = sharing({
  contentType: 'application/json',
  frame: (type, value) => jsonFrame(type, Buffer.from(JSON.stringify(value))),
  objectFrame: (type, { json }) => jsonFrame(type, json),
});

const protobufFormat = sharing({
  contentType: `${protobufType};stream=watch`,
  frame: (type, value) => protobufWatchFrame(type, protobufBody(value as KubernetesObject)),
  objectFrame: (type, { object, message }) =>
    protobufWatchFrame(type, protobufObject({ apiVersion: object.apiVersion ?? '', kind: object.kind ?? '' }, message)),
});

function sharing(format: Omit<WatchFormat, 'shared'>): WatchFormat {
  const frames = new WeakMap<CacheEvent, Buffer>();
  return {
    ...format,
    shared(event) {
      let frame = frames.get(event);
      if (!frame) {
        frame = alone(format.objectFrame(event.type, event.object));
        frames.set(event, frame);
      }
      return frame;
    },
  };
}
