import eventNormalizer from '@middy/event-normalizer';
import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { PermanentError } from '#shared/errors';
import { instrumented } from '#shared/handler/middleware';
import { count, logger } from '#shared/observability/telemetry';
import { failUnprocessed } from './fail-unprocessed.ts';

/** A message whose body the event normalizer has parsed, if it was JSON. */
type NormalizedRecord = Omit<SQSRecord, 'body'> & { body: unknown };

/**
 * Messages of the rules' dead-letter queue → the clip that the event was about becomes
 * `Generation Failed`. A message that nobody can read is logged, counted and taken off the queue: it
 * must never keep the others waiting.
 */
export const handler = instrumented()
  .use(eventNormalizer())
  .handler(async (input: unknown, _context: Context): Promise<SQSBatchResponse> => {
    const { Records } = input as { Records: NormalizedRecord[] };
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const record of Records) {
      try {
        await processMessage(record);
      } catch (error) {
        logger.error('A message has to be processed again', {
          messageId: record.messageId,
          error,
        });
        batchItemFailures.push({ itemIdentifier: record.messageId });
      }
    }
    return { batchItemFailures };
  });

async function processMessage({
  messageId,
  body,
  attributes,
  messageAttributes,
}: NormalizedRecord) {
  count('UndeliverableEventCount');
  const attribute = (name: string) => messageAttributes[name]?.stringValue ?? '';
  const reason = [attribute('ERROR_CODE'), attribute('ERROR_MESSAGE')].filter(Boolean).join(': ');
  logger.error('An event could not be delivered', { messageId, reason, body });
  const error = {
    code: 'EVENT_UNDELIVERABLE' as const,
    message: `The event could not be delivered (${reason || 'no reason given'}): replay it once the cause is gone.`,
  };
  try {
    const occurredAt = new Date(Number(attributes.SentTimestamp)).toISOString();
    await failUnprocessed(body, attribute('TARGET_ARN'), error, occurredAt);
  } catch (cause) {
    if (!(cause instanceof PermanentError)) throw cause;
    logger.error('The message is not an event of ours', { messageId, cause });
  }
}
