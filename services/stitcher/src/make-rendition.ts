import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorSummary, PermanentError } from '#shared/errors';
import type { RenditionName } from '#shared/events/cut-options';
import type { DetailOf } from '#shared/events/define-event';
import type { MadeRungDetail } from '#shared/events/rendition-made';
import type { RenditionRequested } from '#shared/events/rendition-requested';
import { objectKeys, type RenditionExtension } from '#shared/keys';
import { MediaWork } from '#shared/media/ffmpeg/media-work';
import { type ClipPictures, probeClip } from '#shared/media/finished/probe-clip';
import { type MadeRung, makeRung } from '#shared/media/ladder/make-rung';
import { type ChunkPlan, keyPictures, planChunks } from '#shared/media/ladder/plan-chunks';
import { isMediaProblem, reasonOf, toolsWords } from '#shared/media/media-problem';
import { readMovie } from '#shared/media/mp4/movie/read-movie';
import { encodeRendition } from '#shared/media/rendition/encode-rendition';
import { renditionSize } from '#shared/media/rendition/rendition-size';
import type { Size } from '#shared/media/source/media-index';
import { count, traced } from '#shared/observability/telemetry';
import { withWorkspace } from '#shared/storage/workspace';
import { fetchWrittenClip } from '#shared/storage/written-clip';
import { putDerived } from './derived-files.ts';

type Request = DetailOf<typeof RenditionRequested>;

/** A rung that was made, or why it was left out. */
export type RenditionResult = { made: MadeRungDetail } | { reason: ErrorSummary };

/**
 * Makes one rung of the ladder of a finished clip: of the clip itself by copying, of others by encoding.
 * @throws PermanentError when it cannot be made, or the clip was replaced
 */
export async function makeRendition(
  request: Request,
  signal: AbortSignal,
): Promise<RenditionResult> {
  return withWorkspace(async (folder) => {
    const work = new MediaWork(folder, signal);
    const clipFile = join(folder, 'clip.mp4');
    const clipBytes = await traced('Fetch clip', () => fetchWrittenClip(request, clipFile, signal));
    try {
      const plan = planChunks(await readMovie(clipFile));
      const pictures = await probeClip(clipFile, work);
      const name = request.rendition;
      if (name === 'source') {
        const rung = await traced('Part clip', () => makeRung(name, clipFile, plan, work));
        const movie = { s3Key: objectKeys.clip(request), fileSizeBytes: clipBytes };
        return await finish(request, { ...movie, rung, size: pictures?.size }, work);
      }
      const size = pictures && renditionSize(pictures.size, name);
      if (!size) return { reason: leftOut(name, pictures) };
      const movie = await traced('Encode rendition', () =>
        encode(clipFile, { name, size, pictures, plan }, work),
      );
      const { size: fileSizeBytes } = await stat(movie.file);
      const s3Key = objectKeys.rendition(request, 'mp4');
      return await finish(request, { ...movie, s3Key, fileSizeBytes, size }, work);
    } catch (error) {
      if (!isMediaProblem(error)) throw error;
      throw new PermanentError(
        'RENDITION_FAILED',
        `The clip cannot be made into ${request.rendition} (${reasonOf(error)}): request the clip again.${toolsWords(error)}`,
        { cause: error },
      );
    }
  });
}

function leftOut(name: RenditionName, pictures: ClipPictures | undefined): ErrorSummary {
  if (!pictures) {
    const message = `The clip holds only sound, so there is no ${name} of it: take the clip.`;
    return { code: 'CLIP_WITHOUT_PICTURES', message };
  }
  const { width, height } = pictures.size;
  const message = `The clip is ${width}×${height} itself, which ${name} would not make smaller: take the clip.`;
  return { code: 'RENDITION_NOT_SMALLER', message };
}

interface Encoding {
  name: RenditionName;
  size: Size;
  pictures: ClipPictures;
  plan: ChunkPlan;
}

async function encode(
  clipFile: string,
  { plan, ...encoding }: Encoding,
  work: MediaWork,
): Promise<{ file: string; rung: MadeRung }> {
  const keysSeconds = keyPictures(plan);
  const file = await encodeRendition(clipFile, { ...encoding, keysSeconds }, work);
  // Not needed any more, and a copy of the rendition is about to be written.
  await rm(clipFile);
  return { file, rung: await makeRung(encoding.name, file, plan, work) };
}

interface Finished {
  /** Absent where it is in S3 already. */
  file?: string;
  s3Key: string;
  fileSizeBytes: number;
  rung: MadeRung;
  size?: Size;
}

async function finish(
  request: Request,
  { file, s3Key, fileSizeBytes, rung, size }: Finished,
  { signal, ffmpegMs }: MediaWork,
): Promise<RenditionResult> {
  const { playlistFile, mediaFile, ...told } = rung;
  const keyOf = (extension: RenditionExtension) => objectKeys.rendition(request, extension);
  const [playlistKey, mediaKey] = [keyOf('m3u8'), keyOf('m4s')];
  const mp4 = 'video/mp4';
  await traced('Write rendition', () =>
    putDerived(
      request,
      [
        ...(file ? [{ key: s3Key, file, contentType: mp4 }] : []),
        { key: mediaKey, file: mediaFile, contentType: mp4 },
        { key: playlistKey, file: playlistFile, contentType: 'application/vnd.apple.mpegurl' },
      ],
      signal,
    ),
  );
  count('FFmpegProcessingTime', ffmpegMs);
  return { made: { s3Key, fileSizeBytes, playlistKey, mediaKey, ...size, ...told } };
}
