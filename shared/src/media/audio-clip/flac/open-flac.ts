import { NotCopyableError } from '../../not-copyable.ts';
import type { FileWindow } from '../../source/file-window.ts';
import type { RangedObject } from '../../source/ranged-object.ts';
import type { FileSound } from '../file-sound.ts';
import { readSpans } from '../read-spans.ts';
import { frameSampleAt, MAX_HEADER_BYTES } from './frame-header.ts';
import { readStreamInfo, type StreamInfo, streamHeader } from './stream-info.ts';

/**
 * Sound of FLAC. Every frame says which sample it begins with, so a time is found by looking at a few places.
 * @param at where `fLaC` stands
 * @throws NotCopyableError when it is damaged, or does not tell how long it is
 */
export async function openFlac(
  object: RangedObject,
  window: FileWindow,
  at: number,
): Promise<FileSound> {
  const info = await readStreamInfo(window, at);
  const { sampleRate, sampleCount } = info;
  if (sampleCount === 0) throw new NotCopyableError('the FLAC does not tell how long it is');
  return {
    sampleRate,
    sampleCount,
    reading: 'ranges',
    excerpt: async (from, to) => {
      const { before } = await search(object, info, from);
      const { after } = await search(object, info, to);
      const bytes = flacOf(info, object, { start: before.at, end: after.at });
      return { input: { bytes, demuxer: 'flac' }, firstSample: before.sample };
    },
  };
}

async function* flacOf(
  info: StreamInfo,
  object: RangedObject,
  span: { start: number; end: number },
) {
  yield streamHeader(info);
  yield* readSpans(object, [span]);
}

/** A frame: where it lies, and which sample it begins with. */
interface FramePlace {
  at: number;
  sample: number;
}

const NEAR_SECONDS = 1;
const LEAST_LOOK_BYTES = 32 << 10;
/** Frames of one size are found with four or six; what takes more is read along. */
const MAX_LOOKS = 24;

/**
 * Finds two frames around a sample, each about a second away from it at most. Both are guessed by the mean size of
 * what lies between the nearest two that are known.
 */
async function search(
  object: RangedObject,
  info: StreamInfo,
  sample: number,
): Promise<{ before: FramePlace; after: FramePlace }> {
  const near = NEAR_SECONDS * info.sampleRate;
  const lookBytes = Math.max(LEAST_LOOK_BYTES, 2 * info.maxFrameBytes);
  let before: FramePlace = { at: info.framesAt, sample: 0 };
  let after: FramePlace = { at: object.size, sample: info.sampleCount };
  // No frame behind `before` and ahead of `after` begins from here on.
  let searchedTo = after.at;
  for (let looks = 0; looks < MAX_LOOKS && searchedTo - before.at > lookBytes; looks++) {
    const isBeforeFar = sample - before.sample > near;
    if (!isBeforeFar && after.sample - sample <= near) break;
    const wanted = isBeforeFar ? sample - near / 2 : sample + near / 2;
    const mean = (wanted - before.sample) / (after.sample - before.sample);
    // Where sizes differ much, means come nearer from one side only.
    const share = looks % 3 === 2 ? 0.5 : mean;
    const from = Math.floor(before.at + share * (searchedTo - before.at)) + 1;
    const bytes = await object.read(from, Math.min(from + lookBytes, after.at));
    const found = firstFrameIn(bytes, info, before.sample, after.sample);
    if (!found) searchedTo = from;
    else if (found.sample <= sample) before = { ...found, at: from + found.at };
    else {
      after = { ...found, at: from + found.at };
      searchedTo = from;
    }
  }
  return { before, after };
}

/** The first frame that begins in some bytes with a sample between two others. */
function firstFrameIn(
  bytes: Buffer,
  info: StreamInfo,
  after: number,
  before: number,
): FramePlace | undefined {
  for (let at = 0; at + MAX_HEADER_BYTES <= bytes.length; at++) {
    const sample = bytes[at] === 0xff ? frameSampleAt(bytes, at, info) : undefined;
    if (sample !== undefined && sample > after && sample < before) return { at, sample };
  }
  return undefined;
}
