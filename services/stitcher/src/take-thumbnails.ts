import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '#shared/errors';
import type { DetailOf } from '#shared/events/define-event';
import type { ClipPicture } from '#shared/events/fields';
import type { ThumbnailsMade } from '#shared/events/thumbnails-made';
import type { ThumbnailsRequested } from '#shared/events/thumbnails-requested';
import { objectKeys, type PictureName } from '#shared/keys';
import { MediaWork } from '#shared/media/ffmpeg/media-work';
import { isMediaProblem, reasonOf, toolsWords } from '#shared/media/media-problem';
import { type TakenPicture, takePictures } from '#shared/media/pictures/take-pictures';
import { count, traced } from '#shared/observability/telemetry';
import { withWorkspace } from '#shared/storage/workspace';
import { fetchWrittenClip } from '#shared/storage/written-clip';
import { type DerivedFile, putDerived } from './derived-files.ts';

type Request = DetailOf<typeof ThumbnailsRequested>;

/** What `ThumbnailsMade` tells beside the ids. */
export type Thumbnails = Pick<DetailOf<typeof ThumbnailsMade>, 'poster' | 'thumbnails'>;

/**
 * Takes a poster and thumbnails out of the finished clip.
 * @throws PermanentError when there is nothing to be taken, or the clip was replaced
 */
export async function takeThumbnails(request: Request, signal: AbortSignal): Promise<Thumbnails> {
  return withWorkspace(async (folder) => {
    const work = new MediaWork(folder, signal);
    const clipFile = join(folder, 'clip.mp4');
    await traced('Fetch clip', () => fetchWrittenClip(request, clipFile, signal));
    const taken = await traced('Take pictures', () => takenFrom(clipFile, work));
    const named: [PictureName, TakenPicture][] = [
      ['poster', taken.poster],
      ...taken.thumbnails.map((picture, n): [PictureName, TakenPicture] => [
        `thumbnail-${n + 1}`,
        picture,
      ]),
    ];
    const files = named.map(
      ([name, { file }]): DerivedFile => ({
        key: objectKeys.picture(request, name),
        file,
        contentType: 'image/jpeg',
      }),
    );
    const [poster, ...thumbnails] = await Promise.all(
      named.map(([name, picture]) => describePicture(objectKeys.picture(request, name), picture)),
    );
    await traced('Write pictures', () => putDerived(request, files, signal));
    count('FFmpegProcessingTime', work.ffmpegMs);
    return { poster: poster!, thumbnails };
  });
}

async function takenFrom(clipFile: string, work: MediaWork) {
  try {
    return await takePictures(clipFile, work);
  } catch (error) {
    if (!isMediaProblem(error)) throw error;
    throw new PermanentError(
      'THUMBNAILS_FAILED',
      `No pictures can be taken out of the clip (${reasonOf(error)}): request the clip again.${toolsWords(error)}`,
      { cause: error },
    );
  }
}

async function describePicture(
  s3Key: string,
  { width, height, atMs, file }: TakenPicture,
): Promise<ClipPicture> {
  return { s3Key, width, height, fileSizeBytes: (await stat(file)).size, atMs };
}
