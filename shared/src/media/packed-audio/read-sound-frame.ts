import { readAdtsHeader } from './adts.ts';
import { readDolbyHeader } from './dolby.ts';
import { readMpegAudioHeader } from './mpeg-audio.ts';
import type { SoundKind } from './sound-formats.ts';
import type { SoundFrame } from './sound-frame.ts';

/** So many bytes are enough to read any header. */
export const MAX_HEADER_BYTES = 10;

/** Reads the header of a frame of sound, whatever codec it is. @returns nothing when none begins there */
export function readSoundFrame(
  bytes: Buffer,
  at: number,
): (SoundFrame & { kind: SoundKind }) | undefined {
  const aac = readAdtsHeader(bytes, at);
  if (aac) return { ...aac, kind: 'aac' };
  const dolby = readDolbyHeader(bytes, at);
  if (dolby) return { ...dolby, kind: dolby.isEnhanced ? 'eac3' : 'ac3' };
  const mpeg = readMpegAudioHeader(bytes, at);
  return mpeg && { ...mpeg, kind: 'mp3' };
}
