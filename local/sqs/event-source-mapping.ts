import { setTimeout as delay } from 'node:timers/promises';
import { md5, type StoredMessage, systemAttributes } from './message.ts';
import type { Queue } from './queue.ts';

export interface EventSourceMappingOptions {
  readonly queue: Queue;
  readonly accountId: string;
  readonly region: string;
  /** Messages per invocation, at most. */
  readonly batchSize: number;
  /** Whether the function's answer names the messages that failed; else a batch fails as a whole. */
  readonly reportBatchItemFailures: boolean;
  /** Runs the function and waits for it. @throws when it fails, in whatever way */
  readonly invoke: (event: object) => Promise<unknown>;
  /** Told of every batch that failed. */
  readonly onError: (error: unknown) => void;
}

/** Lambda's poller: takes messages from a queue and hands them to a function. */
export interface EventSourceMapping {
  /**
   * Resolves when no batch runs and no message can be received. A message the function failed on is
   * invisible until its timeout and counts as at rest.
   */
  idle(): Promise<void>;
  /** Stops polling. A batch under way ends with its function; unfinished messages come back. */
  close(): void;
}

/** A moment, as Lambda's own pollers back off after a failed batch. */
const PAUSE_AFTER_ERROR_MS = 200;

export function startEventSourceMapping(options: EventSourceMappingOptions): EventSourceMapping {
  const { queue, batchSize } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const poll = async () => {
    const { signal } = stopping;
    while (!signal.aborted) {
      try {
        const messages = await queue.receive({
          maxMessages: batchSize,
          waitSeconds: Infinity,
          signal,
        });
        if (messages.length === 0) continue;
        running = deliver(options, messages).finally(() => {
          running = undefined;
        });
        await running;
      } catch (error) {
        if (signal.aborted) return;
        options.onError(error);
        // A full disk must not become a busy loop.
        await delay(PAUSE_AFTER_ERROR_MS, undefined, { signal }).catch(() => {});
      }
    }
  };
  void poll();

  return {
    async idle() {
      while (!stopping.signal.aborted && (running || queue.counts().visible > 0)) {
        if (running) await running.catch(() => {});
        // Between a message's arrival and its batch lie only turns of the event loop.
        else await new Promise(setImmediate);
      }
    },
    close: () => stopping.abort(),
  };
}

/** Deletes what the function finished; the rest becomes visible again after its timeout. */
async function deliver(
  options: EventSourceMappingOptions,
  messages: readonly StoredMessage[],
): Promise<void> {
  const answer = await options.invoke({
    Records: messages.map((message) => record(message, options)),
  });
  const failed = options.reportBatchItemFailures ? failedIds(answer, messages) : new Set();
  for (const { messageId, receiptHandle } of messages) {
    if (!failed.has(messageId)) options.queue.delete(receiptHandle as string);
  }
}

/** An answer that names an unknown message, or is malformed, fails the whole batch: Lambda's rule. */
function failedIds(answer: unknown, messages: readonly StoredMessage[]): Set<string> {
  const failures = (answer as { batchItemFailures?: unknown } | null)?.batchItemFailures ?? [];
  const sent = new Set(messages.map(({ messageId }) => messageId));
  const named = Array.isArray(failures)
    ? failures.map((failure) => String(failure?.itemIdentifier))
    : [''];
  return named.every((id) => sent.has(id)) ? new Set(named) : sent;
}

/** The record of the SQS event, as `@types/aws-lambda` describes it. */
function record(message: StoredMessage, { queue, accountId, region }: EventSourceMappingOptions) {
  const attributes = Object.entries(message.attributes).map(([name, attribute]) => [
    name,
    {
      dataType: attribute.DataType,
      stringValue: attribute.StringValue,
      binaryValue: attribute.BinaryValue,
      stringListValues: [],
      binaryListValues: [],
    },
  ]);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message, accountId),
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queue.config.arn,
    awsRegion: region,
  };
}
