import { AsyncLocalStorage } from 'node:async_hooks';
import type { AwsService } from '#local/gateway/service';
import { askTable } from './direct-table.ts';
import type { MemoryBucket } from './memory-bucket.ts';
import { takeShortCut } from './without-sockets.ts';

/** What stands between an invocation and every call that it makes: may delay it, or not let it through. */
export type Seam = (call: string, send: () => Promise<unknown>) => Promise<unknown>;

const seams = new AsyncLocalStorage<Seam>();

/** Runs an invocation of a handler with a seam of its own, which sees all of its AWS calls. */
export const throughSeam = <Result>(seam: Seam, work: () => Promise<Result>): Promise<Result> =>
  seams.run(seam, work);

/** Ways to the embedded stack that leave out what takes time and is of no matter to the order of calls. */
export interface ShortCuts {
  readonly dynamodb: AwsService;
  readonly eventbridge: AwsService;
  readonly bucket: MemoryBucket;
}

/**
 * Puts the seam into the product's own SDK clients, before anything else they do: their retries lie behind
 * it. The product knows nothing of it.
 */
export async function installSeam(shortCuts?: ShortCuts): Promise<void> {
  // Not before: they read the environment when they are made.
  const { dynamodb } = await import('#shared/aws/dynamodb');
  const { eventBridge } = await import('#shared/aws/event-bridge');
  const { s3 } = await import('#shared/aws/s3');
  if (shortCuts) takeShortCut(eventBridge, shortCuts.eventbridge);
  for (const { middlewareStack } of [dynamodb, s3, eventBridge]) {
    // The stacks differ by the inputs they are typed with, which the seam does not look at.
    (middlewareStack as unknown as AnyStack).add(
      (next, { clientName = '', commandName = '' }) =>
        (args) => {
          const seam = seams.getStore();
          const client = clientName.replace(/Client$/, '');
          const operation = commandName.replace(/Command$/, '');
          const send = () => sendShort(shortCuts, client, operation, args.input) ?? next(args);
          return seam ? seam(`${client} ${operation}`, send) : send();
        },
      { step: 'initialize', priority: 'high', name: 'faults' },
    );
  }
}

/** @returns nothing for a call that goes the whole way */
function sendShort(
  shortCuts: ShortCuts | undefined,
  client: string,
  operation: string,
  input: Record<string, unknown>,
): Promise<unknown> | undefined {
  if (client === 'DynamoDB' && shortCuts) return askTable(shortCuts.dynamodb, operation, input);
  if (client === 'S3') return shortCuts?.bucket.call(operation, input);
  return undefined;
}

type Next = (args: { readonly input: Record<string, unknown> }) => Promise<unknown>;

interface CallContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

interface AnyStack {
  add(middleware: (next: Next, context: CallContext) => Next, options: object): void;
}

/** A pause that goes through the seam where there is one; takes the place of `setTimeout` of `timers/promises`. */
export const sleepThroughSeam = (sleep: Sleep): Sleep =>
  ((delayMs = 0, value, options) => {
    const seam = seams.getStore();
    if (!seam) return sleep(delayMs, value, options);
    return seam(`sleep ${Math.round(delayMs)}`, async () => value);
  }) as Sleep;

type Sleep = typeof import('node:timers/promises').setTimeout;
