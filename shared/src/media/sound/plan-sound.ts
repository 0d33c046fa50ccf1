import { join } from 'node:path';
import { isMedia, type Stretch } from '../cut/stretch.ts';
import type { Job } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { type CopiedSound, copyableSound, copySound } from './copied-sound.ts';
import { exactSoundJob } from './exact-sound.ts';

/** The sound of a segment on local disk. */
export type SegmentSound =
  /** FLAC, 48 kHz stereo, as long as the pictures. */
  | { audio: 'exact'; file: string }
  /** AAC frames as they were; some lie before the segment or after it. */
  | ({ audio: 'copied' } & CopiedSound);

/** Sound that is made once its jobs are done. */
export interface PlannedSound {
  sound?: SegmentSound;
  jobs: readonly Job[];
}

/** Copies the sound of a segment if that is asked for and possible; otherwise it is to be decoded. */
export async function planSound(
  stretches: readonly Stretch[],
  audio: 'exact' | 'copy',
  work: MediaWork,
): Promise<PlannedSound> {
  if (!stretches.some((stretch) => isMedia(stretch) && stretch.source.sound)) return { jobs: [] };
  const copyable = audio === 'copy' ? copyableSound(stretches) : undefined;
  const copied = copyable && (await copySound(copyable, join(work.folder, 'segment.aac')));
  if (copied) return { sound: { audio: 'copied', ...copied }, jobs: [] };
  const file = join(work.folder, 'segment.flac');
  return { sound: { audio: 'exact', file }, jobs: [exactSoundJob(stretches, file)] };
}
