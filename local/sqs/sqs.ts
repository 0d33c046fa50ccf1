import { join } from 'node:path';
import { jsonService } from '../gateway/json-service.ts';
import { queryService } from '../gateway/query-service.ts';
import type { AwsService } from '../gateway/service.ts';
import { openJournal } from './journal.ts';
import { sqsOperations } from './operations.ts';
import { asQueryOperations } from './query-protocol.ts';
import { Queue, type QueueConfig } from './queue.ts';

export interface SqsOptions {
  /** Messages are kept in `<stateDir>/sqs/<queue>.jsonl` and survive restarts. */
  readonly stateDir: string;
  readonly accountId: string;
}

export interface Sqs extends AwsService {
  createQueue(config: QueueConfig): Queue;
  /** The queue behind an ARN, for deliveries inside the stack. */
  queueByArn(arn: string): Queue | undefined;
}

/** SQS in both of its protocols: JSON for today's SDKs, query for older ones. Standard queues only. */
export function createSqs(options: SqsOptions): Sqs {
  const queues = new Map<string, Queue>();
  const operations = sqsOperations({ accountId: options.accountId, queues });
  const json = jsonService(operations);
  const query = queryService(asQueryOperations(operations));

  const queueByArn = (arn: string) => {
    const queue = queues.get(arn.split(':').at(-1) ?? '');
    return queue?.config.arn === arn ? queue : undefined;
  };

  return {
    handle: (request, response, call) =>
      (request.headers['x-amz-target'] ? json : query).handle(request, response, call),

    createQueue(config) {
      const journal = openJournal(join(options.stateDir, 'sqs', `${config.name}.jsonl`));
      const queue = new Queue(config, journal, (targetArn, message) => {
        queueByArn(targetArn)?.put({ ...message, visibleAtMs: 0, receiptHandle: undefined });
      });
      queues.set(config.name, queue);
      return queue;
    },

    queueByArn,
  };
}
