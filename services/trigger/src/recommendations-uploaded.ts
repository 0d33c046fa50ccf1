import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { PermanentError } from '#shared/errors';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { requestedOptionFields } from '#shared/events/cut-options';
import { type BusEvent, parseEnvelope, parseWith } from '#shared/events/define-event';
import { readObjectCreated } from '#shared/events/object-created';
import { makeEvent, type OutgoingEvent, publish } from '#shared/events/publish';
import { correlate } from '#shared/handler/event-handler';
import { instrumented } from '#shared/handler/middleware';
import { idSchema, isSafeId, tenantIdSchema } from '#shared/ids';
import { episodeOfRecommendations, stableId } from '#shared/keys';
import { configuredLimits, type Limits } from '#shared/limits';
import { logger } from '#shared/observability/telemetry';
import { readText } from '#shared/storage/objects';
import { beginOnce } from './begun-execution.ts';
import { rejectExecution } from './plan-execution.ts';

const recommendationsSchema = z.looseObject({
  tenantId: tenantIdSchema,
  trackName: idSchema.optional(),
  clips: z.array(z.unknown()).min(1, 'must hold at least one clip'),
  ...requestedOptionFields,
});

const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** An event holds 256 KB, of which the envelope takes some: what a request may hold, and the clips of it. */
const MAX_REQUEST_BYTES = 240 * 1024;
const MAX_CLIPS_BYTES = 200 * 1024;

/**
 * S3 "Object Created" of `<episodeId>/recommendations/*.json` → `Begin Clip Generation`. The request is
 * put on the bus rather than worked on here, so that the archive holds it and a replay can repeat it.
 */
export const handler = instrumented().handler(
  async (input: unknown, _context: Context, { signal }: { signal: AbortSignal }) => {
    const event = parseEnvelope(input);
    correlate(event);
    const object = readObjectCreated(event);
    const episodeId = episodeOfRecommendations(object.key);
    if (!episodeId) {
      logger.info('Not a recommendations file', { key: object.key });
      return;
    }
    // S3 may deliver its event twice; the sequencer names this very upload.
    const uploadId = stableId(object.key, object.sequencer ?? object.etag ?? event.id);
    const events = await readFile(object.key, episodeId, uploadId, event, signal);
    await publish(events);
    logger.info('The recommendations were answered', { key: object.key, events: events.length });
  },
);

/** The begin events of a file, or the rejection that tells what is wrong with it. */
async function readFile(
  key: string,
  episodeId: string,
  uploadId: string,
  { id }: BusEvent,
  signal: AbortSignal,
): Promise<OutgoingEvent[]> {
  try {
    const text = await readText(key, MAX_FILE_BYTES, signal);
    return readRecommendations(text, key, episodeId, configuredLimits()).map((request, index) =>
      makeEvent(BeginClipGeneration, { ...request, requestId: `${uploadId}-${index}` }),
    );
  } catch (error) {
    if (!(error instanceof PermanentError || error instanceof RangeError)) throw error;
    logger.warn('The recommendations were rejected', { key, error });
    const ids = {
      executionId: uploadId,
      correlationId: id,
      ...(isSafeId(episodeId) ? { episodeId } : {}),
    };
    const { startedAt } = await beginOnce(ids, undefined);
    const who = { ...ids, executionStartedAt: startedAt, causationId: id };
    return [rejectExecution(who, { code: 'RECOMMENDATIONS_INVALID', message: error.message })];
  }
}

/**
 * The requests of a recommendations file, as many as its size and the number of its clips ask for.
 * @throws PermanentError when the file does not fit, naming the field
 */
export function readRecommendations(
  text: string,
  key: string,
  episodeId: string,
  { maxClipsPerRequest }: Pick<Limits, 'maxClipsPerRequest'>,
) {
  let json: unknown;
  try {
    // Editors on Windows put a byte order mark in front, which is no JSON.
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new PermanentError('RECOMMENDATIONS_INVALID', `${key} is not JSON: upload it again.`, {
      cause,
    });
  }
  const { clips, ...rest } = parseWith(recommendationsSchema, json, key);
  const requests = split(clips, maxClipsPerRequest).map((part) => {
    return { ...rest, episodeId, clips: part };
  });
  if (requests.some((request) => bytesOf(request) > MAX_REQUEST_BYTES)) {
    throw new PermanentError(
      'RECOMMENDATIONS_INVALID',
      `${key} holds a clip, or fields beside the clips, that are too large for an event of 256 KB: make them smaller.`,
    );
  }
  return requests;
}

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

function split(clips: readonly unknown[], maxClips: number): unknown[][] {
  const parts: unknown[][] = [];
  let room = 0;
  for (const clip of clips) {
    const bytes = bytesOf(clip);
    if (bytes > room || parts.at(-1)!.length === maxClips) {
      parts.push([]);
      room = MAX_CLIPS_BYTES;
    }
    parts.at(-1)!.push(clip);
    room -= bytes;
  }
  return parts;
}
