// Errors across gRPC: a Kubernetes Status travels in trailing metadata, beside the nearest gRPC status code.
import { status as grpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type Status, StatusError, serviceUnavailable, timeoutError, toStatusError } from '@steersman/api';

const statusKey = 'steersman-status-bin';

const grpcCodeByHttpCode: Readonly<Record<number, grpcStatus>> = {
  400: grpcStatus.INVALID_ARGUMENT,
  401: grpcStatus.UNAUTHENTICATED,
  403: grpcStatus.PERMISSION_DENIED,
  404: grpcStatus.NOT_FOUND,
  409: grpcStatus.ABORTED,
  410: grpcStatus.OUT_OF_RANGE,
  422: grpcStatus.INVALID_ARGUMENT,
  429: grpcStatus.RESOURCE_EXHAUSTED,
  500: grpcStatus.INTERNAL,
  503: grpcStatus.UNAVAILABLE,
  504: grpcStatus.DEADLINE_EXCEEDED,
};

/** Anything thrown by a handler, as what grpc-js sends. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const { status, message } = toStatusError(error);
  const metadata = new Metadata();
  metadata.set(statusKey, Buffer.from(JSON.stringify(status)));
  return { name: 'ServiceError', code: grpcCodeByHttpCode[status.code] ?? grpcStatus.UNKNOWN, details: message, metadata };
}

const isServiceError = (error: unknown): error is ServiceError => error instanceof Error && 'code' in error && 'metadata' in error;

/** What a call failed with, as the StatusError the server threw; a lost connection becomes ServiceUnavailable. */
export function fromServiceError(error: unknown): Error {
  if (!isServiceError(error)) return error instanceof Error ? error : new Error(String(error));
  const [carried] = error.metadata?.get(statusKey) ?? [];
  if (carried !== undefined) return new StatusError(JSON.parse(carried.toString()) as Status, { cause: error });
  if (error.code === grpcStatus.DEADLINE_EXCEEDED) return timeoutError(error.details);
  if (error.code === grpcStatus.UNAVAILABLE) return serviceUnavailable(error.details);
  return error;
}

/** Whether a call ended because the caller cancelled it. */
export const isCancelled = (error: unknown): boolean => isServiceError(error) && error.code === grpcStatus.CANCELLED;
