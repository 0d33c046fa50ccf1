import type { Context } from 'aws-lambda';
import { fileAsCause } from '#shared/clip/file-cause';
import { rungsOf } from '#shared/clip/file-metadata';
import { parseEnvelope } from '#shared/events/define-event';
import { followFinished, followRung } from '#shared/events/follow';
import { readObjectCreated } from '#shared/events/object-created';
import { makeEvent, publish } from '#shared/events/publish';
import { RenditionRequested } from '#shared/events/rendition-requested';
import { ThumbnailsRequested } from '#shared/events/thumbnails-requested';
import { correlate } from '#shared/handler/event-handler';
import { instrumented } from '#shared/handler/middleware';
import { clipOfFile } from '#shared/keys';
import { logger } from '#shared/observability/telemetry';
import { findEpisode } from '#shared/storage/episodes';
import { removeKept } from '#shared/storage/kept-clips';
import { findWrittenClip } from '#shared/storage/written-clip';
import { noteFileSeen } from './assembly.ts';
import { findDerived, removeOthers } from './derived-files.ts';

/**
 * S3 "Object Created" of a clip.mp4 → `ThumbnailsRequested`, and a `RenditionRequested` for each rung of its
 * ladder. They are put on the bus rather than worked on here, so that each of them fails alone, and the archive
 * holds them. What was made of a clip that this one replaces is removed, and what was kept while it could not be
 * uploaded.
 */
export const handler = instrumented().handler(async (input: unknown, _context: Context) => {
  const event = parseEnvelope(input);
  const { key } = readObjectCreated(event);
  const ids = clipOfFile(key);
  // Looked for before the file is looked at: what is made of a still newer file is not among them.
  const derived = ids ? await findDerived(ids) : [];
  const origin = ids && (await findWrittenClip(ids));
  if (!origin) {
    logger.info('Not a clip that says whose it is', { key });
    return;
  }
  const cause = fileAsCause(ids, origin);
  correlate({ ...event, detail: cause });
  await findEpisode(cause);
  const seenAt = await noteFileSeen(cause);
  await publish([
    makeEvent(ThumbnailsRequested, followFinished(ThumbnailsRequested, cause, seenAt)),
    ...rungsOf(origin).map((rendition) =>
      makeEvent(
        RenditionRequested,
        followRung(RenditionRequested, { ...cause, rendition }, seenAt),
      ),
    ),
  ]);
  await removeOthers(derived, cause.executionId);
  await forgetKept(ids, origin.execution);
});

/** The clip is there: that its copy stays until the lifecycle of the bucket takes it, is no failure. */
async function forgetKept(...clip: Parameters<typeof removeKept>): Promise<void> {
  try {
    await removeKept(...clip);
  } catch (error) {
    logger.warn('What was kept of the clip is not removed', { error });
  }
}
