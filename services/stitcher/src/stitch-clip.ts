import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '#shared/errors';
import type { ClipStitched } from '#shared/events/clip-stitched';
import type { DetailOf } from '#shared/events/define-event';
import type { Cut } from '#shared/events/fields';
import type { StitchRequested } from '#shared/events/stitch-requested';
import { objectKeys } from '#shared/keys';
import { ffmpegVersion } from '#shared/media/ffmpeg/tools';
import { type JoinResult, joinSegments, type SegmentFiles } from '#shared/media/join/join-segments';
import { count, logger, traced } from '#shared/observability/telemetry';
import { writeFinishedClip } from '#shared/storage/finished-clip';
import { appendObject, isMissing } from '#shared/storage/objects';
import { withWorkspace } from '#shared/storage/workspace';

type Request = DetailOf<typeof StitchRequested>;

/** What `ClipStitched` tells beside the ids. */
export type StitchedClip = Pick<
  DetailOf<typeof ClipStitched>,
  | 's3Key'
  | 'fileSizeBytes'
  | 'durationMs'
  | 'frameCount'
  | 'ffmpegVersion'
  | 'totalProcessingMs'
  | 'cut'
  | 'superseded'
>;

/**
 * Joins the segments of a clip and writes the finished file.
 * @throws PermanentError when the segments are gone or cannot be joined
 */
export async function stitchClip(request: Request, signal: AbortSignal): Promise<StitchedClip> {
  return withWorkspace(async (folder) => {
    const files = await traced('Fetch segments', () => fetchSegments(request, folder, signal));
    const joined = await traced('Join segments', () => joinSegments(files, folder, signal));
    const s3Key = objectKeys.clip(request);
    const written = await traced('Write clip', () =>
      writeFinishedClip(s3Key, joined.clipFile, request, signal),
    );
    const clip = {
      s3Key,
      fileSizeBytes: (await stat(joined.clipFile)).size,
      durationMs: Math.round(joined.durationUs / 1000),
      frameCount: joined.frameCount,
      ffmpegVersion: await ffmpegVersion(),
      totalProcessingMs: Math.max(0, Date.now() - Date.parse(request.executionStartedAt)),
      cut: cutOf(request, joined),
      superseded: !written,
    };
    report(clip, joined);
    return clip;
  });
}

async function fetchSegments(
  request: Request,
  folder: string,
  signal: AbortSignal,
): Promise<SegmentFiles[]> {
  const files: SegmentFiles[] = [];
  for (const [segmentIndex, segment] of request.segments.entries()) {
    const { hasAudio, frameCount, durationUs } = segment;
    const fetch = async (extension: 'ts' | 'flac') => {
      const file = join(folder, `${segmentIndex}.${extension}`);
      await fetchIntermediate(
        objectKeys.segment({ ...request, segmentIndex }, extension),
        file,
        signal,
      );
      return file;
    };
    const videoFile = await fetch('ts');
    const audioFile = hasAudio ? await fetch('flac') : undefined;
    files.push({ videoFile, audioFile, frameCount, durationUs });
  }
  return files;
}

async function fetchIntermediate(key: string, file: string, signal: AbortSignal): Promise<void> {
  try {
    await appendObject(key, file, signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new PermanentError(
      'SEGMENT_FILE_NOT_FOUND',
      `The segment file ${key} is gone (intermediates are kept for a day): request the clip again.`,
      { cause: error },
    );
  }
}

/** How the clip's pictures came from the source: of the segments what they tell, and the join. */
function cutOf({ segments }: Request, joined: JoinResult): Cut | undefined {
  const { method, reason, frameCount } = joined;
  if (method === 'reencoded') return { method, reason, framesEncoded: frameCount };
  const cuts = segments.flatMap(({ cut }) => cut ?? []);
  if (cuts.length < segments.length) return undefined;
  const methods = new Set(cuts.map((cut) => cut.method));
  return {
    method: methods.size === 1 ? cuts[0]!.method : 'smart',
    reason: cuts.find((cut) => cut.reason)?.reason,
    framesEncoded: cuts.reduce((sum, cut) => sum + cut.framesEncoded, 0),
  };
}

function report(clip: StitchedClip, joined: JoinResult): void {
  count('FFmpegProcessingTime', joined.ffmpegMs);
  count('ClipFileSizeBytes', clip.fileSizeBytes);
  count('ClipProcessingDuration', clip.totalProcessingMs);
  logger.info('The clip is finished', {
    ...clip,
    ffmpegMs: joined.ffmpegMs,
  });
}
