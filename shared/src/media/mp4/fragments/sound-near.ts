import type { AudioTrackChoice } from '../../output-options.ts';
import type { ByteSpan } from '../../source/media-index.ts';
import { readBox } from '../boxes.ts';
import { chooseAudioTrack } from '../tracks/choose-track.ts';
import { type AudioTrack, parseInitialization } from '../tracks/initialization.ts';
import { ChunkBounds } from './chunk-bounds.ts';
import { type Sample, type TrackFragment, trackFragments } from './fragments.ts';

/** Where sound near one end of a chunk lies. */
export interface SoundNear {
  sound: ByteSpan;
  /** Up to where the chunk must reach for its fragment to be whole. */
  fragmentEnd: number;
}

/** One fragment lasts about as long as its chunk where there is no other one. */
const MOST_OFF_SECONDS = 0.5;

/**
 * Finds the sound near an end of a chunk by what precedes its media.
 * @param init the init section
 * @param beginning the first bytes of the chunk
 * @param seconds of sound that are needed
 * @param chunkSeconds how long the chunk is
 * @param choice of several audio tracks, the one that is taken
 * @returns nothing where the beginning does not tell: it is too short, or more fragments follow
 * @throws NotCopyableError when it is not what we can read
 */
export function soundNear(
  side: 'first' | 'last',
  init: Buffer,
  beginning: Buffer,
  seconds: number,
  chunkSeconds: number,
  choice?: AudioTrackChoice,
): SoundNear | undefined {
  const { track } = chooseAudioTrack(parseInitialization(init).tracks, choice);
  const fragment = track && firstFragment(beginning, track);
  if (!fragment) return undefined;
  const { samples, duration } = fragment.part;
  const fragmentSeconds = duration / track.timescale;
  const isOnlyOne = fragmentSeconds > chunkSeconds - MOST_OFF_SECONDS;
  if (side === 'last' && !isOnlyOne) return undefined;
  const near = side === 'first' ? seconds : fragmentSeconds - seconds;
  const isNear = ({ decodeOffset, duration }: Sample) =>
    side === 'first'
      ? decodeOffset < near * track.timescale
      : decodeOffset + duration > near * track.timescale;
  const needed = samples.filter(isNear);
  if (needed.length === 0) return undefined;
  const start = Math.min(...needed.map((sample) => sample.start));
  const end = Math.max(...needed.map((sample) => sample.end));
  return { sound: { start, end }, fragmentEnd: fragment.end };
}

function firstFragment(
  beginning: Buffer,
  track: AudioTrack,
): { part: TrackFragment; end: number } | undefined {
  for (let at = 0; ; ) {
    const box = readBox(beginning, at, Number.POSITIVE_INFINITY);
    if (!box) return undefined;
    at = box.end;
    if (box.type !== 'moof') continue;
    const media = readBox(beginning, box.end, Number.POSITIVE_INFINITY);
    if (media?.type !== 'mdat' || !Number.isFinite(media.end)) return undefined;
    const body = beginning.subarray(box.bodyAt, box.end);
    const bounds = new ChunkBounds([media]);
    const [part] = trackFragments({ start: box.start, body }, [track], bounds);
    return part && part.samples.length > 0 ? { part, end: media.end } : undefined;
  }
}
