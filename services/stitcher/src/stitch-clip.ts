import { join } from 'node:path';
import type { FileOrigin } from '#shared/clip/file-metadata';
import { makeClipReceipt, type UntimedClipReceipt } from '#shared/clip/make-receipt';
import { PermanentError } from '#shared/errors';
import type { ClipStitched } from '#shared/events/clip-stitched';
import type { DetailOf } from '#shared/events/define-event';
import type { StitchRequested } from '#shared/events/stitch-requested';
import { warningsOf } from '#shared/events/warnings';
import { objectKeys, type SegmentExtension } from '#shared/keys';
import { MediaWork } from '#shared/media/ffmpeg/media-work';
import { ffmpegVersion } from '#shared/media/ffmpeg/tools';
import { describeClip } from '#shared/media/finished/describe-clip';
import { type JoinResult, joinSegments } from '#shared/media/join/join-segments';
import type { SegmentFiles } from '#shared/media/join/segment-files';
import { Laps } from '#shared/observability/laps';
import { count, countWarning, logger, traced } from '#shared/observability/telemetry';
import { writeFinishedClip } from '#shared/storage/finished-clip';
import { hashFile } from '#shared/storage/hashed-file';
import { appendObject, isMissing } from '#shared/storage/objects';
import { withWorkspace } from '#shared/storage/workspace';
import { assertNoWarnings, withJoinWarnings } from './join-warnings.ts';

type Request = DetailOf<typeof StitchRequested>;

/** What `ClipStitched` tells beside the ids. */
export type StitchedClip = Pick<
  DetailOf<typeof ClipStitched>,
  | 's3Key'
  | 'fileSizeBytes'
  | 'sha256'
  | 'durationMs'
  | 'frameCount'
  | 'media'
  | 'ffmpegVersion'
  | 'totalProcessingMs'
  | 'receipt'
  | 'warnings'
  | 'moreWarnings'
  | 'superseded'
>;

/** What the work has taken of the whole when a stage begins. */
const JOIN_FROM = 0.3;
const UPLOAD_FROM = 0.7;

/**
 * Joins the segments of a clip and writes the finished file.
 * @param isWanted asked before the file is written
 * @param tell told how much of the work is done, from 0 to 1
 * @returns nothing where the clip is not wanted any more
 * @throws PermanentError when the segments are gone or cannot be joined
 */
export async function stitchClip(
  request: Request,
  isWanted: () => Promise<boolean>,
  signal: AbortSignal,
  tell: (share: number) => void = () => {},
): Promise<StitchedClip | undefined> {
  return withWorkspace(async (folder) => {
    const laps = new Laps<'fetch' | 'join' | 'upload'>();
    const work = new MediaWork(folder, signal);
    const files = await traced('Fetch segments', () => fetchSegments(request, work));
    laps.end('fetch');
    tell(JOIN_FROM);
    work.onEncoded = (share) => tell(JOIN_FROM + share * (UPLOAD_FROM - JOIN_FROM));
    const joined = await traced('Join segments', () => joinSegments(files, work));
    laps.end('join');
    if (request.strict) assertNoWarnings(joined);
    tell(UPLOAD_FROM);
    const media = await describeClip(joined.clipFile, joined, work);
    if (!(await isWanted())) return undefined;
    const receipt = clipReceipt(request, joined);
    const { file, isWritten } = await traced('Write clip', async () => {
      const { episodeId, clipId } = request;
      const file = await hashFile(joined.clipFile, signal);
      const finished = { episodeId, clipId, file, origin: originOf(request), receipt };
      return { file, isWritten: await writeFinishedClip(finished, signal) };
    });
    laps.end('upload');
    const clip = {
      s3Key: objectKeys.clip(request),
      fileSizeBytes: file.sizeBytes,
      sha256: file.sha256,
      durationMs: Math.round(joined.durationTicks / 90),
      frameCount: joined.frameCount,
      media,
      ffmpegVersion: await ffmpegVersion(),
      totalProcessingMs: Math.max(0, Date.now() - Date.parse(request.executionStartedAt)),
      receipt: {
        ...receipt,
        stagesMs: {
          fetch: laps.of('fetch'),
          join: laps.of('join'),
          upload: laps.of('upload'),
          total: laps.total,
        },
      },
      ...warningsOf(receipt),
      superseded: !isWritten,
    };
    report(clip, joined, work);
    return clip;
  });
}

const originOf = (request: Request): FileOrigin => ({
  tenantId: request.tenantId,
  execution: request,
  correlationId: request.meta.correlationId,
  renditions: request.renditions ?? [],
});

async function fetchSegments(request: Request, work: MediaWork): Promise<SegmentFiles[]> {
  const files: SegmentFiles[] = [];
  for (const [segmentIndex, segment] of request.segments.entries()) {
    const fetch = async (extension: SegmentExtension) => {
      const file = join(work.folder, `${segmentIndex}.${extension}`);
      const key = objectKeys.segment({ ...request, segmentIndex }, extension);
      await fetchIntermediate(key, file, work.signal);
      return file;
    };
    const { hasPicture, frameCount, durationUs } = segment;
    files.push({
      ...(hasPicture ? { videoFile: await fetch('mp4') } : {}),
      sound: await fetchSound(segment, fetch),
      frameCount,
      durationTicks: ticksOfUs(durationUs),
      isContinuation: isContinuation(request.segments, segmentIndex),
    });
  }
  return files;
}

async function fetchSound(
  { audio, audioFormat, audioStartUs = 0 }: Request['segments'][number],
  fetch: (extension: SegmentExtension) => Promise<string>,
): Promise<SegmentFiles['sound']> {
  if (!audio) return undefined;
  if (audio === 'copied') {
    const firstTicks = ticksOfUs(audioStartUs);
    return { audio, format: 'aac', file: await fetch('aac'), firstTicks };
  }
  const format = audioFormat ?? 'flac';
  return { audio, format, file: await fetch(format) };
}

/** Exact: events tell ticks of 90 kHz as microseconds, rounded. */
const ticksOfUs = (us: number) => Math.round(us * 0.09);

/** Whether a segment begins in the episode where the one before it in the clip ends. */
function isContinuation(segments: Request['segments'], index: number): boolean {
  const endUs = segments[index - 1]?.receipt.achieved.endUs;
  const startUs = segments[index]!.receipt.achieved.startUs;
  return endUs !== undefined && Math.abs(startUs - endUs) < 1_000;
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

/** The receipts of the segments, with what the finished file shows of each. */
function clipReceipt({ segments }: Request, joined: JoinResult): UntimedClipReceipt {
  const { method, reason } = joined;
  const measured = segments.map((segment, n) => {
    const { avOffsetTicks } = joined.segments[n]!;
    const avOffsetUs = avOffsetTicks === undefined ? undefined : usOf(avOffsetTicks);
    const audio = segment.audio && joined.audio;
    const known = { ...segment.receipt, audio, avOffsetUs };
    return { ...segment, receipt: withJoinWarnings(known, joined, n, segments.length) };
  });
  const receipt = makeClipReceipt(measured, { method, reason });
  const placed = receipt.segments.map((segment, n) => ({
    ...segment,
    clipStartUs: usOf(joined.segments[n]!.startTicks),
  }));
  return { ...receipt, segments: placed };
}

const usOf = (ticks: number) => Math.round(ticks / 0.09);

function report(clip: StitchedClip, { warnings = [] }: JoinResult, work: MediaWork): void {
  // Those of the segments were counted when they were cut.
  for (const { code } of warnings) countWarning(code);
  count('FFmpegProcessingTime', work.ffmpegMs);
  count('ClipFileSizeBytes', clip.fileSizeBytes);
  count('ClipProcessingDuration', clip.totalProcessingMs);
  logger.info('The clip is finished', { ...clip, ffmpegMs: work.ffmpegMs });
}
