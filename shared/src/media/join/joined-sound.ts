import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { ADTS_HEADER_BYTES } from '../packed-audio/adts.ts';
import { readFrameFormat } from '../packed-audio/frame-format.ts';
import { type AacFrame, frameTicks, kindOf, splitAdts } from '../sound/aac-frames.ts';
import { aacEncoder, encodedFrames, type FrameClock } from '../sound/encode-aac.ts';
import { fadesOf } from '../sound/fades.ts';
import { holdingLayout, intoLayout, type Layout, layoutOf, widest } from '../sound/layouts.ts';
import { SAMPLE_RATE, samplesAt } from '../sound/sample-rate.ts';
import { flacContent } from '../sound/written-sound.ts';
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
export async function exactSound(
  segments: readonly SegmentFiles[],
  work: MediaWork,
): Promise<JoinedSound> {
  const boundaries = boundariesOf(segments);
  const [only] = segments;
  return {
    audio: 'exact',
    frames: isEncoded(segments)
      ? createReadStream(only!.sound!.file)
      : encode(segments, await layoutsOf(segments), work),
    clock: encodedFrames(samplesAt(boundaries.at(-1)!)),
    offsets: segments.map(
      (_, n) => (samplesAt(boundaries[n]!) * 90_000) / SAMPLE_RATE - boundaries[n]!,
    ),
  };
}

const isEncoded = ([only, ...others]: readonly SegmentFiles[]): boolean =>
  others.length === 0 && only?.sound?.audio === 'exact' && only.sound.format === 'aac';

/** The channel layout of each segment's sound; nothing where there is none, or only decoding tells. */
function layoutsOf(segments: readonly SegmentFiles[]): Promise<(Layout | undefined)[]> {
  return Promise.all(
    segments.map(async ({ sound }) => {
      if (!sound) return undefined;
      if (sound.format === 'aac') return layoutOfAac(sound.file);
      const content = await flacContent(sound.file);
      return content && layoutOf(content.channels);
    }),
  );
}

async function layoutOfAac(file: string): Promise<Layout | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(ADTS_HEADER_BYTES), 0);
    const source = readFrameFormat(buffer, 0)?.layout;
    return source ? holdingLayout(source) : undefined;
  } finally {
    await handle.close();
  }
}

/** The clip has the channels of the segment that has most. */
function encode(
  segments: readonly SegmentFiles[],
  layouts: readonly (Layout | undefined)[],
  work: MediaWork,
): AsyncIterable<Buffer> {
  const files = segments.flatMap(({ sound }) => (sound ? inputFile(sound.file, sound.format) : []));
  const layout = widest(
    segments.flatMap(({ sound }, n) => (sound ? [layouts[n] ?? 'stereo'] : [])),
  );
  const filter = ['-filter_complex', exactFilter(segments, layouts, layout)];
  return work.ffmpegOutput([
    ...[...files, ...filter, '-map', '[sound]'],
    ...[...aacEncoder(layout), '-f', 'adts', 'pipe:1'],
  ]);
}

function exactFilter(
  segments: readonly SegmentFiles[],
  layouts: readonly (Layout | undefined)[],
  layout: Layout,
): string {
  const boundaries = boundariesOf(segments);
  let input = 0;
  const chains = segments.map((segment, n) => {
    // Boundaries are rounded, not lengths: however many segments there are, nothing adds up.
    const samples = samplesAt(boundaries[n + 1]!) - samplesAt(boundaries[n]!);
    const next = segments[n + 1];
    const filters = [
      segment.sound ? decoded(segment.sound, input++, layouts[n], layout) : silence(layout),
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

const silence = (layout: Layout) =>
  `anullsrc=r=${SAMPLE_RATE}:cl=${layout},aformat=sample_fmts=s16`;

/** @param own layout of the sound */
function decoded(
  sound: NonNullable<SegmentFiles['sound']>,
  input: number,
  own: Layout | undefined,
  layout: Layout,
): string {
  // FLAC takes 4.0 for quad.
  const named =
    sound.format === 'flac' && own === '4.0' ? 'channelmap=map=0|1|2|3:channel_layout=4.0,' : '';
  const format = `aresample=${SAMPLE_RATE},${named}${intoLayout(own, layout)}`;
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
  let primingFrames = 0;
  const picked = rows.map(({ frames, firstTicks }, n) => {
    const [from, to] = [boundaries[n]!, boundaries[n + 1]!].map((at) => Math.round(at / ticks));
    const startTicks = from! * ticks - boundaries[n]!;
    const skipped = Math.round((startTicks - firstTicks) / ticks);
    const end = skipped + to! - from!;
    if (skipped < 0 || end > frames.length)
      throw new NotCopyableError('sound is missing at an end');
    // Decoders need what is before the clip: AAC overlaps, and SBR begins with a header. Players skip it.
    if (n === 0) primingFrames = skipped;
    const chosen = frames.slice(n === 0 ? 0 : skipped, end);
    return { chosen, offset: startTicks - (firstTicks + skipped * ticks) };
  });
  const frames = picked.flatMap(({ chosen }) => chosen);
  const frameCount = frames.length;
  const sampleCount = frameCount * frameSamples;
  const primingSamples = primingFrames * frameSamples;
  return {
    audio: 'copied',
    frames: bytesOf(frames),
    clock: { frameCount, rate, frameSamples, primingSamples, sampleCount },
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
