import { NotCopyableError } from '../../not-copyable.ts';
import { type MpegAudioFrame, readMpegAudioHeader } from '../../packed-audio/mpeg-audio.ts';
import type { FileWindow } from '../../source/file-window.ts';
import type { RangedObject } from '../../source/ranged-object.ts';
import type { FileSound } from '../file-sound.ts';
import { constantFrames } from './constant-frames.ts';
import { type Frames, framedSound, type IndexStore, indexedFrames } from './framed-sound.ts';
import { type Mp3Info, readMp3Info } from './mp3-info.ts';

/** More than the longest frame has, and the header of the next one. */
const LOOK_BYTES = 4096;

const NO_PADDING = { startPadding: 0, endPadding: 0 };

/**
 * Sound of MP3, or of MPEG's older layers. Where the bit rate is constant, a time's place is calculated; else
 * all frames are counted once.
 * @param at where the first frame begins
 * @throws NotCopyableError when the frames are not all alike
 */
export async function openMp3(
  object: RangedObject,
  window: FileWindow,
  at: number,
  store: IndexStore,
): Promise<FileSound> {
  const beginning = await window.bytes(at, LOOK_BYTES);
  const frame = readMpegAudioHeader(beginning, 0);
  if (!frame) throw new NotCopyableError('there are no frames of MP3');
  const info = readMp3Info(beginning, 0);
  const start = info ? at + frame.frameBytes : at;
  const index = () => indexedFrames(object, start, readMpegAudioHeader, store);
  const constant = info && (await calculated(object, window, start, info, frame));
  const frames = constant ? { ...constant, find: orByIndex(constant, index) } : await index();
  const { startPadding, endPadding } = info ?? NO_PADDING;
  // Where there is more than the encoder knew of, others have joined it: the end is none of its own.
  const isAll = info?.frameCount === frames.frameCount;
  return framedSound(object, frames, { start: startPadding, end: isAll ? endPadding : 0 }, 'mp3');
}

type Calculated = NonNullable<Awaited<ReturnType<typeof calculated>>>;

async function calculated(
  object: RangedObject,
  window: FileWindow,
  start: number,
  info: Mp3Info,
  infoFrame: MpegAudioFrame,
) {
  const first = readMpegAudioHeader(await window.bytes(start, LOOK_BYTES), 0);
  const constant = first && constantFrames(object, start, first, info, infoFrame.frameBytes);
  if (!constant) return undefined;
  const { samples: frameSamples, sampleRate } = first;
  return { ...constant, frameSamples, sampleRate, reading: 'ranges' as const };
}

/** Where a calculation turns out wrong, the index tells. */
function orByIndex(constant: Calculated, index: () => Promise<Frames>): Frames['find'] {
  return async (first, last) =>
    (await constant.find(first, last)) ?? (await index()).find(first, last);
}
