import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { type AacFrame, frameTicks, kindOf, splitAdts } from '../sound/aac-frames.ts';
import { AAC_ENCODER, encodedFrames, type FrameClock } from '../sound/encode-aac.ts';
import { fadesOf } from '../sound/fades.ts';
import { SAMPLE_RATE, samplesAt } from '../sound/sample-rate.ts';
import { boundariesOf, type SegmentFiles } from './segment-files.ts';

/** The sound of a clip. */
export interface JoinedSound {
  audio: 'exact' | 'copied';
  /** AAC frames (ADTS). */
  frames: AsyncIterable<Buffer>;
  clock: FrameClock;
  /** How late each segment's is against its pictures, in ticks; may be a fraction. */
  offsets: number[];
}

/**
 * Decodes each segment's sound, puts it on the clip's clock, sample by sample, without a click, and encodes
 * it: in a process of its own, beside the one that writes the clip. A single segment's is encoded already.
 */
export function exactSound(segments: readonly SegmentFiles[], work: MediaWork): JoinedSound {
  const boundaries = boundariesOf(segments);
  const [only] = segments;
  return {
    audio: 'exact',
    frames: isEncoded(segments) ? createReadStream(only!.sound!.file) : encode(segments, work),
    clock: encodedFrames(samplesAt(boundaries.at(-1)!)),
    offsets: segments.map(
      (_, n) => (samplesAt(boundaries[n]!) * 90_000) / SAMPLE_RATE - boundaries[n]!,
    ),
  };
}

const isEncoded = ([only, ...others]: readonly SegmentFiles[]): boolean =>
  others.length === 0 && only?.sound?.audio === 'exact' && only.sound.format === 'aac';

function encode(segments: readonly SegmentFiles[], work: MediaWork): AsyncIterable<Buffer> {
  const files = segments.flatMap(({ sound }) => (sound ? inputFile(sound.file, sound.format) : []));
  const filter = ['-filter_complex', exactFilter(segments, boundariesOf(segments))];
  return work.ffmpegOutput([
    ...[...files, ...filter, '-map', '[sound]'],
    ...[...AAC_ENCODER, '-f', 'adts', 'pipe:1'],
  ]);
}

function exactFilter(segments: readonly SegmentFiles[], boundaries: readonly number[]): string {
  let input = 0;
  const chains = segments.map((segment, n) => {
    // Boundaries are rounded, not lengths: however many segments there are, nothing adds up.
    const samples = samplesAt(boundaries[n + 1]!) - samplesAt(boundaries[n]!);
    const next = segments[n + 1];
    const filters = [
      segment.sound ? decoded(segment.sound, input++) : silence(),
      `apad=whole_len=${samples}`,
      `atrim=end_sample=${samples}`,
      ...fadesOf(samples, {
        atStart: n > 0 && !segment.isContinuation,
        atEnd: next !== undefined && !next.isContinuation,
      }),
    ];
    return `${filters.join(',')}[a${n}]`;
  });
  const labels = segments.map((_, n) => `[a${n}]`).join('');
  return `${chains.join(';')};${labels}concat=n=${segments.length}:v=0:a=1[sound]`;
}

const silence = () => `anullsrc=r=${SAMPLE_RATE}:cl=stereo,aformat=sample_fmts=s16`;

function decoded(sound: NonNullable<SegmentFiles['sound']>, input: number): string {
  const format = `aresample=${SAMPLE_RATE},aformat=sample_fmts=s16:channel_layouts=stereo`;
  if (sound.audio === 'exact') return `[${input}:a:0]${format}`;
  // Frames from before the segment are decoded, for the first one that counts needs them, and dropped.
  const before = Math.max(0, samplesAt(-sound.firstTicks));
  return `[${input}:a:0]${format},atrim=start_sample=${before},asetpts=PTS-STARTPTS`;
}

/**
 * Copies whole AAC frames onto the frame grid of the clip: of each segment those that are nearest to where
 * they belong, half a frame off at most.
 * @throws NotCopyableError when not all segments have the same kind of frames, or have too few
 */
export async function copiedSound(segments: readonly SegmentFiles[]): Promise<JoinedSound> {
  const rows = await Promise.all(segments.map(rowOf));
  const kinds = new Set(rows.map(({ frames }) => kindOf(frames[0]!)));
  if (kinds.size > 1) throw new NotCopyableError('the sound of the segments differs');
  const [first] = rows[0]!.frames;
  const { samples: frameSamples, sampleRate: rate } = first!.header;
  const ticks = frameTicks(first!);
  const boundaries = boundariesOf(segments);
  const picked = rows.map(({ frames, firstTicks }, n) => {
    const [from, to] = [boundaries[n]!, boundaries[n + 1]!].map((at) => Math.round(at / ticks));
    const startTicks = from! * ticks - boundaries[n]!;
    const skipped = Math.round((startTicks - firstTicks) / ticks);
    const chosen = frames.slice(Math.max(0, skipped), skipped + to! - from!);
    if (chosen.length < to! - from!) throw new NotCopyableError('sound is missing at an end');
    return { chosen, offset: startTicks - (firstTicks + skipped * ticks) };
  });
  const frames = picked.flatMap(({ chosen }) => chosen);
  const frameCount = frames.length;
  const sampleCount = frameCount * frameSamples;
  return {
    audio: 'copied',
    frames: bytesOf(frames),
    clock: { frameCount, rate, frameSamples, primingSamples: 0, sampleCount },
    offsets: picked.map(({ offset }) => offset),
  };
}

async function rowOf({ sound }: SegmentFiles) {
  if (sound?.audio !== 'copied') throw new NotCopyableError('the sound of a segment was decoded');
  const split = splitAdts(await readFile(sound.file));
  if (!split || split.frames.length === 0) throw new NotCopyableError('the sound is no AAC');
  return { frames: split.frames, firstTicks: sound.firstTicks };
}

/** In pieces of some size: a write for every frame takes longer than the frames. */
async function* bytesOf(frames: readonly AacFrame[]): AsyncGenerator<Buffer> {
  const FRAMES_AT_ONCE = 200;
  for (let n = 0; n < frames.length; n += FRAMES_AT_ONCE) {
    yield Buffer.concat(frames.slice(n, n + FRAMES_AT_ONCE).map(({ bytes }) => bytes));
  }
}
