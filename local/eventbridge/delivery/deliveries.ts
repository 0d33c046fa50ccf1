import { setTimeout as sleep } from 'node:timers/promises';
import type { BusEvent } from '../event.ts';
import { type PayloadContext, payloadFor } from '../target/payload.ts';
import type { Target } from '../target/target.ts';
import { type Deliver, DeliveryError } from './deliver.ts';
import { type NextStep, nextStep } from './retry-policy.ts';

/** What became of an attempt; `retrying` may come many times for one event and target, the others end it. */
export type DeliveryOutcome = {
  readonly ruleArn: string;
  readonly targetArn: string;
  readonly event: BusEvent;
  /** Retries made so far, the first attempt not counted. */
  readonly retries: number;
} & (
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retrying'; readonly error: DeliveryError; readonly delayMs: number }
  | { readonly kind: 'deadLettered'; readonly error: DeliveryError; readonly queueArn: string }
  | { readonly kind: 'dropped'; readonly error: DeliveryError }
);

export interface DeliveriesOptions {
  readonly deliver: Deliver;
  /** Multiplies all times of the retry policies. */
  readonly retryScale: number;
  readonly onOutcome: (outcome: DeliveryOutcome) => void;
}

/** One event for one target of one rule. */
export interface DeliveryJob {
  readonly target: Target;
  readonly context: PayloadContext;
  readonly traceHeader: string | undefined;
}

interface RunningJob extends DeliveryJob {
  readonly acceptedAtMs: number;
}

/**
 * Carries events to targets, each job by itself: none waits for another. At least once, in no promised order.
 * Jobs live in memory; those pending when the stack stops are lost, but their events are in the archive.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #pending = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Starts a job. The promise is for its first attempt, good or bad; retries go on behind it. Never rejects. */
  start(job: DeliveryJob): Promise<void> {
    const running = { ...job, acceptedAtMs: Date.now() };
    const firstAttempt = this.#attempt(running);
    const whole = firstAttempt
      .then((error) => this.#settle(running, error))
      .finally(() => this.#pending.delete(whole));
    this.#pending.add(whole);
    return firstAttempt.then(() => undefined);
  }

  /** Resolves when nothing is under way, not even a retry that waits for its time. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Gives up all retries, without dead-lettering them. */
  close(): void {
    this.#closing.abort();
  }

  async #attempt({ target, context, traceHeader }: RunningJob): Promise<DeliveryError | undefined> {
    try {
      const { ruleArn } = context;
      const payload = payloadOf(target, context);
      await this.#options.deliver({ targetArn: target.Arn, ruleArn, payload, traceHeader });
      return undefined;
    } catch (error) {
      return DeliveryError.from(error);
    }
  }

  async #settle(job: RunningJob, firstError: DeliveryError | undefined): Promise<void> {
    let error = firstError;
    for (let retries = 0; ; retries++) {
      if (!error) return this.#report(job, { kind: 'delivered', retries });
      const ageMs = Date.now() - job.acceptedAtMs;
      const scale = this.#options.retryScale;
      const step = nextStep(job.target.RetryPolicy, { error, retries, ageMs, scale });
      if ('giveUp' in step) return this.#giveUp(job, error, retries, step.giveUp);

      this.#report(job, { kind: 'retrying', error, retries, delayMs: step.retryInMs });
      const isClosed = await sleep(step.retryInMs, false, { signal: this.#closing.signal }).catch(
        () => true,
      );
      if (isClosed) return;
      error = await this.#attempt(job);
    }
  }

  async #giveUp(
    job: RunningJob,
    error: DeliveryError,
    retries: number,
    reason: Extract<NextStep, { giveUp: unknown }>['giveUp'],
  ): Promise<void> {
    const queueArn = job.target.DeadLetterConfig?.Arn;
    if (!queueArn) return this.#report(job, { kind: 'dropped', error, retries });
    const { ruleArn, event } = job.context;
    try {
      await this.#options.deliver({
        targetArn: queueArn,
        ruleArn,
        payload: event,
        traceHeader: job.traceHeader,
        messageAttributes: {
          RULE_ARN: ruleArn,
          TARGET_ARN: job.target.Arn,
          ERROR_CODE: error.code,
          ERROR_MESSAGE: error.message,
          RETRY_ATTEMPTS: String(retries),
          ...(reason !== 'NotRetryable' && { EXHAUSTED_RETRY_CONDITION: reason }),
        },
      });
      this.#report(job, { kind: 'deadLettered', error, retries, queueArn });
    } catch (queueError) {
      this.#report(job, { kind: 'dropped', error: DeliveryError.from(queueError), retries });
    }
  }

  #report(job: RunningJob, outcome: OutcomeOfJob): void {
    const { ruleArn, event } = job.context;
    this.#options.onOutcome({ ruleArn, targetArn: job.target.Arn, event, ...outcome });
  }
}

/** Distributes Omit over the kinds, which TypeScript's own does not. */
type OutcomeOfJob = DeliveryOutcome extends infer Kind
  ? Kind extends DeliveryOutcome
    ? Omit<Kind, 'ruleArn' | 'targetArn' | 'event'>
    : never
  : never;

function payloadOf(target: Target, context: PayloadContext): unknown {
  try {
    return payloadFor(target, context);
  } catch (cause) {
    const message = `The filled-in InputTemplate is not JSON: ${cause instanceof Error ? cause.message : cause}`;
    throw new DeliveryError(message, { code: 'INVALID_JSON', retryable: false, cause });
  }
}
