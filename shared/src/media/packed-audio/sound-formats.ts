import type { StreamFormat } from '../source/media-index.ts';
import { STREAM_TYPE } from '../transport-stream/packets/stream-types.ts';

const format = (streamType: number): StreamFormat => ({ streamType, descriptors: Buffer.alloc(0) });

/** How the program map announces the sound we read. Readers know all of it without descriptors. */
export const SOUND_FORMATS = {
  aac: format(STREAM_TYPE.adtsAac),
  mp3: format(STREAM_TYPE.mpeg1Audio),
  ac3: format(STREAM_TYPE.ac3),
  eac3: format(STREAM_TYPE.enhancedAc3),
} as const;

export type SoundKind = keyof typeof SOUND_FORMATS;
