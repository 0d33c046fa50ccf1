import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/service.ts';
import type { Journal } from './journal.ts';
import { type NewMessage, newMessage, type StoredMessage } from './message.ts';

/** What the template says about a queue. */
export interface QueueConfig {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  readonly receiveWaitSeconds: number;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface ReceiveOptions {
  readonly maxMessages: number;
  /** Default: the queue's own. */
  readonly visibilityTimeoutSeconds?: number;
  /** How long to wait for a first message; `Infinity` for a poller. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

/** Timers of Node overflow beyond 24 days; waking up once in a while costs nothing. */
const LONGEST_WAIT_MS = 60_000;

/** A standard queue: at least once, roughly in order. */
export class Queue {
  readonly #waiting = new Set<() => void>();

  /** @param toDeadLetters Takes a message that was received `maxReceiveCount` times in vain. */
  constructor(
    readonly config: QueueConfig,
    private readonly journal: Journal,
    private readonly toDeadLetters: (queueArn: string, message: StoredMessage) => void,
  ) {}

  send(message: NewMessage): StoredMessage {
    const delaySeconds = message.delaySeconds ?? this.config.delaySeconds;
    const stored = newMessage({ ...message, delaySeconds }, Date.now());
    this.put(stored);
    return stored;
  }

  /** Takes in a message that already has its identity (redrive). */
  put(message: StoredMessage): void {
    this.journal.put(message);
    this.#wake();
  }

  /** Hands out visible messages; with a wait, resolves as soon as there is at least one. */
  async receive(options: ReceiveOptions): Promise<StoredMessage[]> {
    const deadlineMs = Date.now() + (options.waitSeconds ?? this.config.receiveWaitSeconds) * 1000;
    for (;;) {
      if (options.signal?.aborted) return [];
      const messages = this.#take(options);
      const nowMs = Date.now();
      if (messages.length > 0 || nowMs >= deadlineMs) return messages;
      const wakeAtMs = Math.min(deadlineMs, this.#nextVisibleAtMs(), nowMs + LONGEST_WAIT_MS);
      await this.#changed(wakeAtMs - nowMs, options.signal);
    }
  }

  /** Deletes by receipt; a receipt that a later one replaced deletes nothing, as in SQS. */
  delete(receiptHandle: string): void {
    const message = this.#byReceipt(receiptHandle);
    if (message) this.journal.delete(message.messageId);
  }

  /** @throws AwsError `MessageNotInflight` */
  changeVisibility(receiptHandle: string, timeoutSeconds: number): void {
    const message = this.#byReceipt(receiptHandle);
    if (!message || message.visibleAtMs <= Date.now()) {
      throw new AwsError('MessageNotInflight', 'The message is not in flight.');
    }
    this.put({ ...message, visibleAtMs: Date.now() + timeoutSeconds * 1000 });
  }

  purge(): void {
    for (const messageId of [...this.journal.messages.keys()]) this.journal.delete(messageId);
  }

  /** How many messages wait, are held by a receiver, or are delayed. */
  counts(): { visible: number; inFlight: number; delayed: number } {
    const nowMs = Date.now();
    const counts = { visible: 0, inFlight: 0, delayed: 0 };
    for (const message of this.journal.messages.values()) {
      if (this.#expired(message, nowMs)) continue;
      if (message.visibleAtMs <= nowMs) counts.visible++;
      else if (message.receiptHandle) counts.inFlight++;
      else counts.delayed++;
    }
    return counts;
  }

  #take({ maxMessages, visibilityTimeoutSeconds }: ReceiveOptions): StoredMessage[] {
    const nowMs = Date.now();
    const visibleAtMs =
      nowMs + (visibilityTimeoutSeconds ?? this.config.visibilityTimeoutSeconds) * 1000;
    const taken: StoredMessage[] = [];
    for (const message of [...this.journal.messages.values()]) {
      if (taken.length === maxMessages) break;
      if (this.#expired(message, nowMs)) {
        this.journal.delete(message.messageId);
      } else if (message.visibleAtMs > nowMs) {
        // In someone's hands, or delayed.
      } else if (message.receiveCount >= (this.config.redrive?.maxReceiveCount ?? Infinity)) {
        // In this order: dying in between leaves the message in both queues rather than in none.
        this.toDeadLetters(this.config.redrive?.deadLetterTargetArn as string, message);
        this.journal.delete(message.messageId);
      } else {
        const received: StoredMessage = {
          ...message,
          receiveCount: message.receiveCount + 1,
          firstReceivedAtMs: message.firstReceivedAtMs ?? nowMs,
          visibleAtMs,
          receiptHandle: `${message.messageId}:${randomUUID()}`,
        };
        this.journal.put(received);
        taken.push(received);
      }
    }
    return taken;
  }

  /** @throws AwsError `ReceiptHandleIsInvalid` for what never was a receipt */
  #byReceipt(receiptHandle: string): StoredMessage | undefined {
    const messageId = /^([0-9a-f-]{36}):[0-9a-f-]{36}$/.exec(receiptHandle)?.[1];
    if (!messageId) {
      throw new AwsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
    }
    const message = this.journal.messages.get(messageId);
    return message?.receiptHandle === receiptHandle ? message : undefined;
  }

  #expired(message: StoredMessage, nowMs: number): boolean {
    return message.sentAtMs + this.config.retentionSeconds * 1000 <= nowMs;
  }

  #nextVisibleAtMs(): number {
    let next = Infinity;
    for (const { visibleAtMs } of this.journal.messages.values())
      next = Math.min(next, visibleAtMs);
    return next;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when a message arrives, the time is over, or the caller gives up. */
  #changed(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal?.addEventListener('abort', done);
      this.#waiting.add(done);
    });
  }
}
