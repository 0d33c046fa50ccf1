import { readFile } from 'node:fs/promises';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { type AacFrame, frameTicks, kindOf, splitAdts } from '../sound/aac-frames.ts';
import { fadesOf } from '../sound/fades.ts';
import { SAMPLE_RATE, samplesAt } from '../sound/sample-rate.ts';
import { boundariesOf, type SegmentFiles } from './segment-files.ts';

/** At this bit rate the `fast` coder is, as FFmpeg's manual says, the better one, and takes half the time. */
const ENCODER = ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '160k'] as const;

/** What the extractor wrote the sound in, by FFmpeg's names. */
const FORMATS = { exact: 'flac', copied: 'aac' } as const;

/** Samples that FFmpeg's encoder puts in front: an overlapping transform needs a frame to start from. */
const PRIMING_SAMPLES = 1024;
const FRAME_SAMPLES = 1024;

/** The sound of a clip. */
export interface JoinedSound {
  audio: 'exact' | 'copied';
  /** AAC frames (ADTS). */
  frames: AsyncIterable<Buffer>;
  /** Options of their input and of their output. */
  input: string[];
  output: string[];
  /** How late each segment's is against its pictures, in ticks; may be a fraction. */
  offsets: number[];
}

/**
 * Decodes each segment's sound, puts it on the clip's clock, sample by sample, without a click, and encodes
 * it: in a process of its own, beside the one that writes the clip.
 */
export function exactSound(segments: readonly SegmentFiles[], work: MediaWork): JoinedSound {
  const boundaries = boundariesOf(segments);
  const samples = samplesAt(boundaries.at(-1)!);
  const files = segments.flatMap(({ sound }) =>
    sound ? inputFile(sound.file, FORMATS[sound.audio]) : [],
  );
  const filter = ['-filter_complex', exactFilter(segments, boundaries), '-map', '[sound]'];
  return {
    audio: 'exact',
    frames: work.ffmpegOutput([...files, ...filter, ...ENCODER, '-f', 'adts', 'pipe:1']),
    // What the encoder puts in front comes before time 0: players skip it.
    input: ['-itsoffset', (-PRIMING_SAMPLES / SAMPLE_RATE).toFixed(6)],
    output: ['-bsf:a', lastFrameShortened(samples + PRIMING_SAMPLES)],
    offsets: segments.map(
      (_, n) => (samplesAt(boundaries[n]!) * 90_000) / SAMPLE_RATE - boundaries[n]!,
    ),
  };
}

/** ADTS knows only whole frames; the clip ends where its last picture does. */
function lastFrameShortened(samples: number): string {
  const frames = Math.ceil(samples / FRAME_SAMPLES);
  const last = samples - (frames - 1) * FRAME_SAMPLES;
  return `setts=duration=if(eq(N\\,${frames - 1})\\,DURATION*${last}/${FRAME_SAMPLES}\\,DURATION)`;
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
  const ticks = frameTicks(rows[0]!.frames[0]!);
  const boundaries = boundariesOf(segments);
  const picked = rows.map(({ frames, firstTicks }, n) => {
    const [from, to] = [boundaries[n]!, boundaries[n + 1]!].map((at) => Math.round(at / ticks));
    const startTicks = from! * ticks - boundaries[n]!;
    const first = Math.round((startTicks - firstTicks) / ticks);
    const chosen = frames.slice(Math.max(0, first), first + to! - from!);
    if (chosen.length < to! - from!) throw new NotCopyableError('sound is missing at an end');
    return { chosen, offset: startTicks - (firstTicks + first * ticks) };
  });
  return {
    audio: 'copied',
    frames: bytesOf(picked.flatMap(({ chosen }) => chosen)),
    input: [],
    output: [],
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
