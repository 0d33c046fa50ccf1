import { createHash, randomUUID } from 'node:crypto';
import type { JobAnswer } from '#shared/api/fields';
import { jobAnswer } from '#shared/api/job-links';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import type { DetailOf } from '#shared/events/define-event';
import { executionIdOf } from '#shared/events/identity';
import { makeEvent, publish } from '#shared/events/publish';
import { HttpProblem } from '#shared/http/problem';
import { stableId, tableKeys } from '#shared/keys';
import { configuredLimits } from '#shared/limits';
import { expiresAt } from '#shared/retention';
import { getItem, updateItem } from '#shared/storage/items';
import type { AcceptedRequest } from '#shared/storage/jobs';
import { findBegun } from '../begun-execution.ts';
import { planExecution } from '../plan-execution.ts';

/** What EventBridge takes in one event is 256 KB. */
const MAX_EVENT_BYTES = 240 * 1024;

/** What is asked for, as far as it does not depend on when. */
export interface Wish {
  tenantId: string;
  episodeId: string;
  trackName: string;
  /** The Idempotency-Key; absent where every request is one of its own. */
  key?: string;
  /** Whatever tells this wish from another under the same key. */
  content: unknown;
  /** Everything else of the begin event. */
  fields: Record<string, unknown>;
  /**
   * The clips to make.
   * @param acceptedIds what the same request was answered before
   */
  clips: (acceptedIds: readonly string[] | undefined) => Promise<readonly unknown[]>;
}

/**
 * Publishes `Begin Clip Generation`, once per Idempotency-Key however often it is asked for: everything is
 * derived from the key, so that a request that was cut off half-way is simply sent again.
 * @returns a job for each clip, in their order
 * @throws HttpProblem 400 naming the clip that does not fit, 413, or 422 `IDEMPOTENCY_KEY_REUSED`
 */
export async function requestClips(wish: Wish): Promise<JobAnswer[]> {
  const { tenantId, episodeId } = wish;
  const requestId = stableId('http', tenantId, wish.key ?? randomUUID());
  const executionId = executionIdOf({ id: '', detail: { tenantId, episodeId, requestId } });
  const key = tableKeys.accepted({ tenantId, episodeId, executionId });
  const known = await getItem<AcceptedRequest>(key);
  const clips = await wish.clips(known?.clipIds);
  const clipIds = known?.clipIds ?? plannedClipIds(wish, executionId, clips);
  const { trackName, fields } = wish;
  const detail = { ...fields, tenantId, episodeId, trackName, requestId, clips };
  assertSize(detail);
  // Only now: what was refused leaves its key unused.
  if (wish.key !== undefined) await assertSameContent(requestId, wish);
  if (!known) await accept(key, clipIds);
  // The event of the first request may have been lost; once something came of it, it was not.
  if (!known || !(await findBegun(executionId))) {
    await publish([makeEvent(BeginClipGeneration, detail as DetailOf<typeof BeginClipGeneration>)]);
  }
  return clipIds.map((clipId) => jobAnswer({ episodeId, clipId, executionId }));
}

async function assertSameContent(name: string, { content, episodeId }: Wish): Promise<void> {
  const hash = createHash('sha256')
    .update(JSON.stringify([episodeId, content], withSortedKeys))
    .digest('hex');
  const kept = await updateItem<{ contentHash: string }>(tableKeys.idempotency(name), {
    UpdateExpression:
      'SET contentHash = if_not_exists(contentHash, :hash), #ttl = if_not_exists(#ttl, :ttl)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':hash': hash, ':ttl': expiresAt() },
  });
  if (kept!.contentHash === hash) return;
  throw new HttpProblem(
    422,
    'IDEMPOTENCY_KEY_REUSED',
    'The Idempotency-Key was used for another request: use a new key for each.',
  );
}

/** For JSON.stringify: objects that differ only in the order of their keys become the same text. */
const withSortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** Unlike on the bus, whoever asks waits for the answer: a clip that does not fit refuses the request. */
function plannedClipIds(wish: Wish, executionId: string, clips: readonly unknown[]): string[] {
  const { tenantId, episodeId, trackName, fields: options } = wish;
  const execution = {
    ...{ tenantId, episodeId, trackName, options, executionId },
    ...{ executionStartedAt: new Date(0).toISOString(), correlationId: '-', causationId: '-' },
  };
  const clipIds: string[] = [];
  for (const { detailType, detail } of planExecution(execution, clips, configuredLimits())) {
    const { clipId, clipIndex, error } = detail as {
      clipId: string;
      clipIndex: number;
      error: { code: 'CLIP_INVALID' | 'CLIP_DUPLICATE'; message: string };
    };
    if (detailType === 'ClipGenerationStarted') clipIds.push(clipId);
    if (detailType !== 'ClipGenerationRejected') continue;
    throw new HttpProblem(400, error.code, error.message, { field: `clips.${clipIndex}` });
  }
  return clipIds;
}

function assertSize(detail: object): void {
  if (Buffer.byteLength(JSON.stringify(detail)) <= MAX_EVENT_BYTES) return;
  const message = 'The clips do not fit into one event: list them in several requests.';
  throw new HttpProblem(413, 'BODY_TOO_LARGE', message, { field: 'clips' });
}

const accept = (key: ReturnType<typeof tableKeys.accepted>, clipIds: readonly string[]) =>
  updateItem(key, {
    UpdateExpression: 'SET clipIds = :ids, acceptedAt = :now, #ttl = :ttl',
    ConditionExpression: 'attribute_not_exists(pk)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':ids': clipIds,
      ':now': new Date().toISOString(),
      ':ttl': expiresAt(),
    },
  });
