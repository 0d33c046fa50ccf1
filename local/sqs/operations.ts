import type { JsonOperation } from '../gateway/json-service.ts';
import { type AwsCall, AwsError } from '../gateway/service.ts';
import { type MessageAttribute, md5, type StoredMessage, systemAttributes } from './message.ts';
import type { Queue } from './queue.ts';

/** Finds queues for the operations. */
export interface QueueDirectory {
  readonly accountId: string;
  readonly queues: ReadonlyMap<string, Queue>;
}

interface SendInput {
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: Record<string, MessageAttribute>;
  readonly MessageSystemAttributes?: Record<string, MessageAttribute>;
}

interface ReceiveInput {
  readonly QueueUrl?: string;
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly WaitTimeSeconds?: number;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
}

/** SQS's limit for one message. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** The operations of SQS, as AWS JSON 1.0 names their input and output. */
export function sqsOperations({
  accountId,
  queues,
}: QueueDirectory): Record<string, JsonOperation> {
  /** The queue of the input, after the caller's right to do `action` with it is checked. */
  const queueFor = (input: { QueueUrl?: string }, call: AwsCall, action: string): Queue => {
    const queue = queueNamed(input.QueueUrl?.split('/').at(-1) ?? '');
    call.authorize(`sqs:${action}`, queue.config.arn);
    return queue;
  };
  const queueNamed = (name: string): Queue => {
    const queue = queues.get(name);
    if (queue) return queue;
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  };

  return {
    ListQueues: (input: { QueueNamePrefix?: string }, call) => {
      call.authorize('sqs:ListQueues', '*');
      const names = [...queues.keys()].filter((name) =>
        name.startsWith(input.QueueNamePrefix ?? ''),
      );
      return { QueueUrls: names.map((name) => queueNamed(name).config.url) };
    },

    GetQueueUrl: (input: { QueueName: string }, call) => {
      const { url, arn } = queueNamed(input.QueueName).config;
      call.authorize('sqs:GetQueueUrl', arn);
      return { QueueUrl: url };
    },

    GetQueueAttributes: (input, call) => ({
      Attributes: pick(
        queueAttributes(queueFor(input, call, 'GetQueueAttributes')),
        input.AttributeNames,
      ),
    }),

    SendMessage: (input, call) => send(queueFor(input, call, 'SendMessage'), input, call),

    SendMessageBatch: (input, call) => {
      const queue = queueFor(input, call, 'SendMessage');
      return batch(input.Entries, (entry: SendInput) => send(queue, entry, call));
    },

    ReceiveMessage: async (input: ReceiveInput, call) => {
      const queue = queueFor(input, call, 'ReceiveMessage');
      const messages = await queue.receive({
        maxMessages: input.MaxNumberOfMessages ?? 1,
        visibilityTimeoutSeconds: input.VisibilityTimeout,
        waitSeconds: input.WaitTimeSeconds,
        signal: call.signal,
      });
      return { Messages: messages.map((message) => received(message, input, accountId)) };
    },

    DeleteMessage: (input, call) => {
      queueFor(input, call, 'DeleteMessage').delete(input.ReceiptHandle);
      return {};
    },

    DeleteMessageBatch: (input, call) => {
      const queue = queueFor(input, call, 'DeleteMessage');
      return batch(input.Entries, (entry: { ReceiptHandle: string }) => {
        queue.delete(entry.ReceiptHandle);
        return {};
      });
    },

    ChangeMessageVisibility: (input, call) => {
      const queue = queueFor(input, call, 'ChangeMessageVisibility');
      queue.changeVisibility(input.ReceiptHandle, Number(input.VisibilityTimeout));
      return {};
    },

    PurgeQueue: (input, call) => {
      queueFor(input, call, 'PurgeQueue').purge();
      return {};
    },
  };
}

function send(queue: Queue, input: SendInput, call: AwsCall): object {
  const body = input.MessageBody ?? '';
  if (body === '' || Buffer.byteLength(body) > MAX_MESSAGE_BYTES) {
    throw new AwsError('InvalidParameterValue', 'A message body has 1 byte to 1 MiB.');
  }
  const { messageId } = queue.send({
    body,
    attributes: input.MessageAttributes,
    delaySeconds: input.DelaySeconds,
    traceHeader: input.MessageSystemAttributes?.AWSTraceHeader?.StringValue ?? call.traceHeader,
  });
  return { MessageId: messageId, MD5OfMessageBody: md5(body) };
}

/** Each entry by itself: one that fails leaves the others untouched. */
function batch<Entry>(entries: readonly (Entry & { Id: string })[], run: (entry: Entry) => object) {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries ?? []) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

function received(message: StoredMessage, input: ReceiveInput, accountId: string): object {
  const systemNames = [
    ...(input.AttributeNames ?? []),
    ...(input.MessageSystemAttributeNames ?? []),
  ];
  const attributes = pick(message.attributes, input.MessageAttributeNames);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: pick(systemAttributes(message, accountId), systemNames),
    ...(Object.keys(attributes).length > 0 ? { MessageAttributes: attributes } : {}),
  };
}

/** The members asked for: by name, by `prefix.*`, or `All`. */
function pick<T>(members: Readonly<Record<string, T>>, names: readonly string[] = []) {
  const wanted = (key: string) =>
    names.some(
      (name) =>
        name === 'All' || name === key || (name.endsWith('*') && key.startsWith(name.slice(0, -1))),
    );
  return Object.fromEntries(Object.entries(members).filter(([key]) => wanted(key)));
}

function queueAttributes(queue: Queue): Record<string, string> {
  const { config } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  return {
    QueueArn: config.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(config.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(config.retentionSeconds),
    DelaySeconds: String(config.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(config.receiveWaitSeconds),
    ...(config.redrive ? { RedrivePolicy: JSON.stringify(config.redrive) } : {}),
  };
}
