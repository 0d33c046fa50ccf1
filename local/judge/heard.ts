import { runChild } from '../sample/child.ts';
import { SAMPLE_RATE } from '../sample/voice.ts';

/** A hole in the time stamps of the decoded sound; below 0 an overlap. */
export interface TimeGap {
  readonly atMs: number;
  readonly lengthMs: number;
}

/** The sound of a clip on the clip's own time line. */
export interface Heard {
  /** Mono, {@link SAMPLE_RATE}; sample 0 is at time 0. Where there is no sound it is silent. */
  readonly samples: Float32Array;
  readonly startMs: number;
  readonly endMs: number;
  readonly timeGaps: readonly TimeGap[];
}

/** Time stamps are in ticks of the sample rate or of 1/90000 s: less than this is rounding. */
const ROUNDING_MS = 0.5;

/**
 * Decodes the sound of a clip, of any container and codec, and lays every piece of it where its
 * time stamp says. `undefined` if nothing can be decoded.
 * @param clock the file's own, or one that starts at 0 with the file: a broadcast's may be at any hour
 */
export async function hear(
  ffmpegPath: string,
  clipPath: string,
  clock: 'own' | 'zero' = 'own',
): Promise<Heard | undefined> {
  const { stdout, stderr } = await runChild(ffmpegPath, [
    ...['-hide_banner', '-nostdin', '-nostats', '-v', 'info'],
    ...(clock === 'own' ? ['-copyts', '-i', clipPath] : ['-i', clipPath]),
    // One channel, not a mix: the voice is the same on both, and a mix would be louder.
    ...['-map', '0:a:0', '-af', `ashowinfo,aresample=${SAMPLE_RATE},pan=mono|c0=c0`],
    ...['-f', 'f32le', 'pipe:1'],
  ]);
  const pieces = [...stderr.matchAll(SHOWN_PIECE)].map((match) => {
    const [pts, rate, length] = match.slice(1).map(Number) as [number, number, number];
    const from = Math.round((pts * SAMPLE_RATE) / rate);
    return { from, to: Math.round(((pts + length) * SAMPLE_RATE) / rate) };
  });
  if (pieces.length === 0) return undefined;

  const decoded = new Float32Array(new Uint8Array(stdout).buffer, 0, stdout.length >> 2);
  const end = Math.max(...pieces.map(({ to }) => to));
  const samples = new Float32Array(Math.max(0, end));
  const timeGaps: TimeGap[] = [];
  let read = 0;
  pieces.forEach(({ from, to }, n) => {
    const piece = decoded.subarray(read, read + to - from);
    read += piece.length;
    const cut = Math.max(0, -from);
    if (cut < piece.length) samples.set(piece.subarray(cut), from + cut);
    const lengthMs = n === 0 ? 0 : toMs(from - pieces[n - 1]!.to);
    if (Math.abs(lengthMs) > ROUNDING_MS) timeGaps.push({ atMs: toMs(from), lengthMs });
  });
  return { samples, startMs: toMs(pieces[0]!.from), endMs: toMs(end), timeGaps };
}

/** A piece of what is heard; silence where the clip has no sound. */
export function stretch(heard: Heard, from: number, length: number): Float32Array {
  const piece = new Float32Array(length);
  piece.set(
    heard.samples.subarray(Math.max(0, from), Math.max(0, from + length)),
    Math.max(0, -from),
  );
  return piece;
}

const SHOWN_PIECE = /Parsed_ashowinfo\S* @ \S+\] n:\d+ pts:(-?\d+) .* rate:(\d+) nb_samples:(\d+)/g;

function toMs(samples: number): number {
  return (samples * 1000) / SAMPLE_RATE;
}
