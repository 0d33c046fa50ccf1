import { readFile } from 'node:fs/promises';
import { NotCopyableError } from '../not-copyable.ts';
import { type AacFrame, frameTicks, kindOf, splitAdts } from '../sound/aac-frames.ts';
import { SAMPLE_RATE, samplesAt } from '../sound/sample-rate.ts';
import { boundariesOf, type SegmentFiles } from './segment-files.ts';

/** Too short to be heard as a fade, long enough for a join not to click. */
const FADE_SAMPLES = 0.005 * SAMPLE_RATE;

/** The sound of a clip, and how far each segment's is from its pictures. */
export interface JoinedSound {
  /** AAC frames (ADTS) to be copied; absent: `filter` makes the sound of what is decoded. */
  copied?: AsyncIterable<Buffer>;
  /** Input files, and the filter graph that makes `[sound]` of them; its first input has this number. */
  files: string[];
  filter: (firstInput: number) => string;
  /** Per segment in ticks, may be a fraction; positive: the sound is late. */
  offsets: number[];
}

/** Decodes each segment's sound and puts it on the clip's clock, sample by sample, without a click. */
export function exactSound(segments: readonly SegmentFiles[]): JoinedSound {
  const boundaries = boundariesOf(segments);
  const files = segments.flatMap(({ sound }) => (sound ? [sound.file] : []));
  return {
    files,
    filter: (firstInput) => {
      let input = firstInput;
      const chains = segments.map((segment, n) => {
        // Boundaries are rounded, not lengths: however many segments there are, nothing adds up.
        const samples = samplesAt(boundaries[n + 1]!) - samplesAt(boundaries[n]!);
        const source = segment.sound ? decoded(segment.sound, input++) : silence();
        const next = segments[n + 1];
        const fades = fadesOf(samples, {
          atStart: n > 0 && !segment.isContinuation,
          atEnd: next !== undefined && !next.isContinuation,
        });
        return `${[source, `apad=whole_len=${samples}`, `atrim=end_sample=${samples}`, ...fades].join(',')}[a${n}]`;
      });
      const labels = segments.map((_, n) => `[a${n}]`).join('');
      return `${chains.join(';')};${labels}concat=n=${segments.length}:v=0:a=1[sound]`;
    },
    offsets: segments.map(
      (_, n) => (samplesAt(boundaries[n]!) * 90_000) / SAMPLE_RATE - boundaries[n]!,
    ),
  };
}

const silence = () => `anullsrc=r=${SAMPLE_RATE}:cl=stereo,aformat=sample_fmts=s16`;

function decoded(sound: NonNullable<SegmentFiles['sound']>, input: number): string {
  const format = `aresample=${SAMPLE_RATE},aformat=sample_fmts=s16:channel_layouts=stereo`;
  if (sound.audio === 'exact') return `[${input}:a:0]${format}`;
  // Frames from before the segment are decoded, for the first one that counts needs them, and dropped.
  const before = Math.max(0, samplesAt(-sound.firstTicks));
  return `[${input}:a:0]${format},atrim=start_sample=${before},asetpts=PTS-STARTPTS`;
}

function fadesOf(samples: number, { atStart, atEnd }: { atStart: boolean; atEnd: boolean }) {
  const length = Math.min(FADE_SAMPLES, Math.floor(samples / 2));
  return [
    ...(atStart ? [`afade=t=in:ss=0:ns=${length}`] : []),
    ...(atEnd ? [`afade=t=out:ss=${samples - length}:ns=${length}`] : []),
  ];
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
    copied: bytesOf(picked.flatMap(({ chosen }) => chosen)),
    files: [],
    filter: () => '',
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
