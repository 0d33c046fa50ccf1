import { DescribeEventBusCommand } from '@aws-sdk/client-eventbridge';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { Health } from '#shared/api/health';
import { dynamodb } from '#shared/aws/dynamodb';
import { eventBridge } from '#shared/aws/event-bridge';
import { s3 } from '#shared/aws/s3';
import { environment } from '#shared/environment';
import { routeHandler } from '#shared/http/route-handler';
import { logger } from '#shared/observability/telemetry';

/** Far longer than any of the calls takes, and short enough for who waits for the answer. */
const CHECK_LIMIT_MS = 2_000;

/** Whether a call succeeded in time, and how long it took. */
interface Check {
  ok: boolean;
  ms: number;
}

/** `GET /health` */
export const handler = routeHandler(Health, async () => {
  const [table, bucket, bus] = await Promise.all([
    check('table', (abortSignal) => {
      // Nothing is there, and nothing needs to be.
      const Key = { pk: 'health', sk: 'health' };
      const command = new GetCommand({ TableName: environment.tableName(), Key });
      return dynamodb.send(command, { abortSignal });
    }),
    check('bucket', (abortSignal) =>
      s3.send(new HeadBucketCommand({ Bucket: environment.bucketName() }), { abortSignal }),
    ),
    check('bus', (abortSignal) =>
      eventBridge.send(new DescribeEventBusCommand({ Name: environment.busName() }), {
        abortSignal,
      }),
    ),
  ]);
  const isHealthy = table.ok && bucket.ok && bus.ok;
  return {
    status: isHealthy ? 200 : 503,
    json: { status: isHealthy ? 'ok' : 'unavailable', checks: { table, bucket, bus } },
  };
});

/** Why a check fails is in the log only: who asks here is anybody. */
async function check(
  name: string,
  call: (abortSignal: AbortSignal) => Promise<unknown>,
): Promise<Check> {
  const startedAtMs = performance.now();
  const limit = AbortSignal.timeout(CHECK_LIMIT_MS);
  const ok = await Promise.race([call(limit).then(() => true), rejectedBy(limit)]).catch(
    (error: unknown) => {
      logger.error('A check failed', { check: name, error });
      return false;
    },
  );
  return { ok, ms: Math.round(performance.now() - startedAtMs) };
}

/** The clients hear the signal too, but not while they wait to try again. */
function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
