import { randomUUID } from 'node:crypto';

/** The batch of one message that a rule's dead-letter queue hands to its consumer. */
export function deadLetterBatch(event: unknown, targetArn: string, nowMs: number): object {
  const attributes = {
    TARGET_ARN: targetArn,
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: 'The target let nobody in.',
  };
  const messageAttributes = Object.entries(attributes).map(([name, stringValue]) => [
    name,
    { dataType: 'String', stringValue },
  ]);
  return {
    Records: [
      {
        messageId: randomUUID(),
        body: JSON.stringify(event),
        attributes: { SentTimestamp: String(nowMs), ApproximateReceiveCount: '1' },
        messageAttributes: Object.fromEntries(messageAttributes),
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:splicebus-dev-dead-letters',
        awsRegion: 'us-east-1',
      },
    ],
  };
}
