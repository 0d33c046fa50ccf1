/** What keeps the stack from starting; the message says what to do about it. */
export type BootErrorCode =
  | 'PortInUse'
  | 'StateDirInUse'
  | 'StateDirOutdated'
  | 'StateDirUnusable'
  | 'StateDirDamaged'
  | 'UnsupportedResource'
  | 'UnsupportedProperty'
  | 'UnsupportedIntrinsic'
  | 'UnsupportedPolicy'
  | 'UnresolvedReference'
  | 'CircularReference'
  | 'MissingParameter'
  | 'InvalidTemplate'
  | 'MissingPermission';

/** The stack refuses to start rather than to behave differently from the cloud. */
export class BootError extends Error {
  override readonly name = 'BootError';
  constructor(
    readonly code: BootErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
