// Why a container could not be started: the reason is what its status says it waits for.

export type StartFailure =
  | 'CrashLoopBackOff'
  | 'ErrImagePull'
  | 'ImagePullBackOff'
  | 'ErrImageNeverPull'
  | 'ImageInspectError'
  | 'InvalidImageName'
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'
  | 'PostStartHookError'
  | 'CreatePodSandboxError';

export class ContainerError extends Error {
  override readonly name = 'ContainerError';
  /** It has been told of before: no further event. */
  readonly repeated: boolean;

  constructor(
    readonly reason: StartFailure,
    message: string,
    options?: ErrorOptions & { readonly repeated?: boolean },
  ) {
    super(message, options);
    this.repeated = options?.repeated ?? false;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
