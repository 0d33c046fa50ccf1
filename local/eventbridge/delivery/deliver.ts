/** One thing to hand to one target, or to a dead-letter queue. */
export interface Delivery {
  readonly targetArn: string;
  readonly ruleArn: string;
  /** The JSON value the target receives. */
  readonly payload: unknown;
  /** The X-Ray header (`X-Amzn-Trace-Id`) of the PutEvents call; never present on replayed events. */
  readonly traceHeader?: string | undefined;
  /** SQS message attributes, all of type String; only on what goes to a dead-letter queue. */
  readonly messageAttributes?: Readonly<Record<string, string>>;
}

/**
 * Hands a delivery to its target. Resolves once the target has taken it (a function's queue, not its run).
 * @throws DeliveryError; any other error counts as a passing fault and is retried
 */
export type Deliver = (delivery: Delivery) => Promise<void>;

/** A target did not take a delivery. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** As in a dead-letter queue's ERROR_CODE: `NO_RESOURCE`, `NO_PERMISSIONS`, `THROTTLING`, `TIMEOUT` … */
  readonly code: string;
  /** Whether the same delivery may succeed later; if not, it goes to the dead-letter queue at once. */
  readonly retryable: boolean;

  constructor(
    message: string,
    { code, retryable, cause }: { code: string; retryable: boolean; cause?: unknown },
  ) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
  }

  /** Any error as a DeliveryError. */
  static from(error: unknown): DeliveryError {
    if (error instanceof DeliveryError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new DeliveryError(message, { code: 'UNKNOWN', retryable: true, cause: error });
  }
}
