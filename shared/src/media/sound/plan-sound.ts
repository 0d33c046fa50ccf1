import { join } from 'node:path';
import { isMedia, type Stretch } from '../cut/stretch.ts';
import type { Job } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { DEFAULT_OUTPUT, type OutputOptions } from '../output-options.ts';
import type { MediaWarning } from '../warnings.ts';
import { checkedSound, soundWithoutLost } from './checked-sound.ts';
import { type CopiedSound, copyableSound, copySound } from './copied-sound.ts';
import { exactSound } from './exact-sound.ts';

/** The sound of a segment on local disk. */
export type SegmentSound =
  /** 48 kHz, as long as the pictures; AAC where it is all the sound of its clip. */
  | { audio: 'exact'; format: 'flac' | 'aac'; file: string }
  /** AAC frames as they were; some lie before the segment or after it. */
  | ({ audio: 'copied'; format: 'aac' } & CopiedSound);

/** How the sound of a segment is to be made. */
export interface SoundRequest {
  /** Sound to the sample, or in whole frames as they are where that is possible. */
  audio: 'exact' | 'copy';
  /** There is no other segment: the sound need not be encoded later, together with theirs. */
  isWholeClip?: boolean;
  /** Default: {@link DEFAULT_OUTPUT}. */
  output?: Pick<OutputOptions, 'audioChannels'>;
}

/** Sound that is made once its jobs are done. */
export interface PlannedSound {
  sound?: SegmentSound;
  jobs: readonly Job[];
  /**
   * To be called once the jobs are done: looks at what they have made.
   * @returns in what it is less than its source
   */
  finish?: () => Promise<readonly MediaWarning[]>;
  /**
   * To be called where the jobs failed: makes the sound without what cannot be decoded.
   * @returns whether there was any of that; if not, nothing has been made
   */
  rescue?: () => Promise<boolean>;
}

/** Copies the sound of a segment if that is asked for and possible; otherwise it is to be decoded. */
export async function planSound(
  stretches: readonly Stretch[],
  { audio, isWholeClip = false, output = DEFAULT_OUTPUT }: SoundRequest,
  work: MediaWork,
): Promise<PlannedSound> {
  const isHeard = stretches.some(
    (stretch) => isMedia(stretch) && (stretch.source.sound || stretch.source.lacksSound),
  );
  if (!isHeard) return { jobs: [] };
  const copyable = audio === 'copy' ? copyableSound(stretches) : undefined;
  const mostChannels = output.audioChannels === 'stereo' ? 2 : undefined;
  const copied = copyable && (await copySound(copyable, { isWholeClip, mostChannels }, work));
  if (copied) return { sound: { audio: 'copied', format: 'aac', ...copied }, jobs: [] };
  const format = isWholeClip ? 'aac' : 'flac';
  const file = join(work.folder, `segment.${format}`);
  const exact = await exactSound(stretches, file, format, work, output);
  const finish = () => checkedSound(exact, work);
  const rescue = () => soundWithoutLost(exact, work);
  return { sound: { audio: 'exact', format, file }, jobs: [exact.job], finish, rescue };
}
