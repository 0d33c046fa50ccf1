import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { numberedList, queryService } from '../gateway/query-service.ts';
import { AwsError, type AwsService } from '../gateway/service.ts';

/** A message somebody published. */
export interface Notification {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
  readonly messageAttributes: Readonly<Record<string, NotificationAttribute>>;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
}

export interface NotificationAttribute {
  readonly Type: string;
  readonly Value: string;
}

export interface NewNotification {
  readonly subject?: string;
  readonly message: string;
  readonly messageAttributes?: Readonly<Record<string, NotificationAttribute>>;
}

/** Where a topic's messages go on to: a queue. */
export interface QueueSubscription {
  readonly topicArn: string;
  readonly queueArn: string;
  /** Hand over the bare message instead of SNS's JSON envelope. */
  readonly rawDelivery: boolean;
}

export interface SnsOptions {
  /** Messages are appended to `<stateDir>/sns/<topic>.jsonl`. */
  readonly stateDir: string;
  readonly onNotification: (notification: Notification) => void;
  readonly sendToQueue: (subscription: QueueSubscription, body: string) => void;
}

export interface Sns extends AwsService {
  createTopic(topicArn: string): void;
  hasTopic(topicArn: string): boolean;
  subscribe(subscription: QueueSubscription): void;
  /** @throws AwsError `NotFound` */
  publish(topicArn: string, notification: NewNotification): Notification;
}

/**
 * SNS as a file per topic: what would be mailed to people is shown and kept instead. Queues
 * subscribed to a topic receive its messages as in AWS.
 */
export function createSns(options: SnsOptions): Sns {
  const directory = join(options.stateDir, 'sns');
  mkdirSync(directory, { recursive: true });
  const subscriptions = new Map<string, QueueSubscription[]>();

  const publish: Sns['publish'] = (topicArn, { subject, message, messageAttributes = {} }) => {
    const subscribers = subscriptions.get(topicArn);
    if (!subscribers) throw new AwsError('NotFound', 'Topic does not exist', 404);
    const notification: Notification = {
      messageId: randomUUID(),
      topicArn,
      subject,
      message,
      messageAttributes,
      publishedAt: new Date().toISOString(),
    };
    const file = join(directory, `${topicArn.split(':').at(-1)}.jsonl`);
    appendFileSync(file, `${JSON.stringify(notification)}\n`);
    options.onNotification(notification);
    for (const subscription of subscribers) {
      const body = subscription.rawDelivery ? message : envelope(notification);
      options.sendToQueue(subscription, body);
    }
    return notification;
  };

  const service = queryService({
    ListTopics: (_parameters, call) => {
      call.authorize('sns:ListTopics', '*');
      return { Topics: { member: [...subscriptions.keys()].map((TopicArn) => ({ TopicArn })) } };
    },

    Publish: (parameters, call) => {
      const topicArn = parameters.get('TopicArn') ?? parameters.get('TargetArn') ?? '';
      call.authorize('sns:Publish', topicArn);
      const message = parameters.get('Message') ?? '';
      if (message === '') throw new AwsError('InvalidParameter', 'Empty message');
      const attributes = numberedList(parameters, 'MessageAttributes.entry');
      const { messageId } = publish(topicArn, {
        subject: parameters.get('Subject') ?? undefined,
        message,
        messageAttributes: Object.fromEntries(
          attributes.map((entry) => [
            entry.Name,
            {
              Type: entry['Value.DataType'] ?? 'String',
              Value: entry['Value.StringValue'] ?? entry['Value.BinaryValue'] ?? '',
            },
          ]),
        ),
      });
      return { MessageId: messageId };
    },
  });

  return {
    handle: service.handle,
    createTopic(topicArn) {
      subscriptions.set(topicArn, []);
    },
    hasTopic: (topicArn) => subscriptions.has(topicArn),
    subscribe(subscription) {
      subscriptions.get(subscription.topicArn)?.push(subscription);
    },
    publish,
  };
}

/** What SNS wraps around a message for a queue without raw delivery. */
function envelope(notification: Notification): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: notification.messageId,
    TopicArn: notification.topicArn,
    Subject: notification.subject,
    Message: notification.message,
    Timestamp: notification.publishedAt,
    MessageAttributes: notification.messageAttributes,
  });
}
