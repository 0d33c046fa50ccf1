import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { type ErrorSummary, PermanentError, summarize, TransientError } from '#shared/errors';
import { describe } from '#shared/events/define-event';
import { instrumented, outOfTime } from '#shared/handler/middleware';
import { idSchema, tenantIdSchema } from '#shared/ids';
import { logger } from '#shared/observability/telemetry';
import { type AudioClip, audioClip } from './audio-clip.ts';

/** What fits into the 15 minutes of the function, at some 5 s for the longest clip. */
const MAX_MOMENTS = 100;

/** An FFmpeg each keeps the function's processor busy while the other one waits for S3. */
const CONCURRENCY = 2;

const requestSchema = z.object({
  tenantId: tenantIdSchema,
  episodeId: idSchema,
  moments: z
    .array(z.object({ startMs: z.int(), endMs: z.int() }))
    .min(1)
    .max(MAX_MOMENTS),
});

type Moment = z.output<typeof requestSchema>['moments'][number];

/** What became of a moment: its clip, or why there is none. */
export type WarmedMoment = Moment & (AudioClip | { error: ErrorSummary });

/**
 * Makes the audio clips of some moments, so that nobody has to wait for them: invoked directly, with
 * `{tenantId, episodeId, moments: [{startMs, endMs}]}`.
 */
export const handler = instrumented().handler(
  async (
    input: unknown,
    _context: Context,
    { signal }: { signal: AbortSignal },
  ): Promise<{ moments: WarmedMoment[] }> => {
    const parsed = requestSchema.safeParse(input);
    if (!parsed.success) {
      const problem = describe(parsed.error);
      throw new PermanentError('AUDIO_CLIP_INVALID', `The moments do not fit: ${problem}.`);
    }
    const { moments, ...ids } = parsed.data;
    logger.appendKeys(ids);
    try {
      const warmed = await inParallel(moments, signal, (moment, stop) => warm(ids, moment, stop));
      return { moments: warmed };
    } catch (error) {
      throw signal.aborted ? outOfTime(error) : error;
    }
  },
);

type Ids = Omit<z.output<typeof requestSchema>, 'moments'>;

/** A moment that fails does not stop the others. */
async function warm(ids: Ids, moment: Moment, signal: AbortSignal): Promise<WarmedMoment> {
  const { startMs, endMs } = moment;
  try {
    const clip = await audioClip({ ...ids, startMs, durationMs: endMs - startMs }, { signal });
    return { ...moment, ...clip };
  } catch (error) {
    const isKnown = error instanceof PermanentError || error instanceof TransientError;
    if (!isKnown || signal.aborted) throw error;
    return { ...moment, error: summarize(error) };
  }
}

/** Does the work for each item, a few at a time; the first that fails stops all. @returns results in the items' order */
async function inParallel<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, stop: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [n, item] of queue) {
      if (stop.aborted) return;
      results[n] = await work(item, stop);
    }
  };
  const workers = Array.from({ length: CONCURRENCY }, () =>
    worker().catch((error: unknown) => failure.abort(error)),
  );
  await Promise.all(workers);
  stop.throwIfAborted();
  return results;
}
