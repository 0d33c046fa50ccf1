import type { FrameFormat } from '../codecs/frame-format.ts';
import type { Finding } from '../warnings.ts';
import type { ForeignInput } from './foreign-input.ts';
import type { PictureTrack, Size, SoundTrack } from './media-index.ts';
import type { Container } from './sniff-container.ts';
import { type SoundTimes, type Timeline, timelineOf } from './timeline.ts';

/** Pictures that our own index lists, or that only FFmpeg can read. */
export type PictureSource =
  | { track: PictureTrack }
  | {
      input: ForeignInput;
      timeline: Timeline;
      size?: Size;
      format?: FrameFormat;
      reason: string;
    };

/** Sound that our own index lists, or that only FFmpeg can read. */
export type SoundSource =
  | { track: SoundTrack }
  | {
      input: ForeignInput;
      timeline?: SoundTimes;
      /** FFmpeg's name of its channel layout, where that is known already. */
      layout?: string;
    };

/** Chunks of a track on local disk, looked into. Both sides count time on one clock. */
export interface Source {
  container: Container;
  pictures?: PictureSource;
  sound?: SoundSource;
  /** Video is announced, but there is only sound. */
  lacksFrames?: boolean;
  /** The episode has sound, but not here. */
  lacksSound?: boolean;
  /** What was noticed while looking into it. */
  findings?: readonly Finding[];
}

/** When everything in a source is due. */
export function timesOf({ pictures, sound }: Pick<Source, 'pictures' | 'sound'>): Timeline {
  if (pictures && 'timeline' in pictures) {
    return sound && 'track' in sound
      ? { ...pictures.timeline, sound: timelineOf({ sound: sound.track }).sound }
      : pictures.timeline;
  }
  const known = timelineOf({
    pictures: pictures?.track,
    sound: sound && 'track' in sound ? sound.track : undefined,
  });
  return sound && 'timeline' in sound && sound.timeline
    ? { ...known, sound: sound.timeline }
    : known;
}
