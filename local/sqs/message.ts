import { createHash, randomUUID } from 'node:crypto';

/** An attribute the sender attached, as in the API. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

/** A message as it lies in the queue and in its journal. */
export interface StoredMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** The X-Ray header of whoever sent it. */
  readonly traceHeader: string | undefined;
  readonly sentAtMs: number;
  readonly receiveCount: number;
  readonly firstReceivedAtMs: number | undefined;
  /** Invisible to receivers until then: delayed, or in the hands of one. */
  readonly visibleAtMs: number;
  /** Of the latest receipt; older ones delete nothing any more. */
  readonly receiptHandle: string | undefined;
}

export interface NewMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
  readonly traceHeader?: string;
  readonly delaySeconds?: number;
}

export function newMessage(message: NewMessage, nowMs: number): StoredMessage {
  return {
    messageId: randomUUID(),
    body: message.body,
    attributes: message.attributes ?? {},
    traceHeader: message.traceHeader,
    sentAtMs: nowMs,
    receiveCount: 0,
    firstReceivedAtMs: undefined,
    visibleAtMs: nowMs + (message.delaySeconds ?? 0) * 1000,
    receiptHandle: undefined,
  };
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** The system attributes of a received message; SQS writes all of them as strings. */
export function systemAttributes(
  message: StoredMessage,
  accountId: string,
): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAtMs),
    SenderId: accountId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    ...(message.traceHeader ? { AWSTraceHeader: message.traceHeader } : {}),
  };
}
