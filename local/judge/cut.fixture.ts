import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Episode } from '../sample/index.ts';

const run = promisify(execFile);
/** The fixtures cut an episode of 30 frames per second. */
export const SAMPLES_PER_FRAME = 48_000 / 30;
/** An AAC encoder puts so many samples of silence first, which a transport stream cannot declare. */
const PRIMING = 1024;
const FADE = 240;

export const PICTURE_A = "select='between(n,90,209)',setpts=N/30/TB";
export const SOUND_A = soundOf(90, 210);

/** What to cut; by default frames 90 to 209 with their sound. */
export interface Cut {
  readonly picture?: string;
  /** Empty for a clip without sound. */
  readonly sound?: string;
  readonly args?: readonly string[];
  readonly faststart?: boolean;
}

/** Cuts the episode with filters that count frames and samples, right or on purpose wrong. */
export async function cutClip(
  episode: Episode,
  dir: string,
  { picture = PICTURE_A, sound = SOUND_A, args = [], faststart = true }: Cut,
): Promise<string> {
  const path = join(dir, `clip-${randomUUID()}.mp4`);
  await ffmpeg([
    ...['-i', episode.playlistPath, '-filter_complex'],
    `[0:v]${picture}[v]${sound === '' ? ';[0:a]anullsink' : `;[0:a]${sound}[a]`}`,
    ...['-map', '[v]', ...(sound === '' ? [] : ['-map', '[a]'])],
    ...['-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-c:a', 'aac'],
    ...['-pix_fmt', 'yuv420p', ...args, ...(faststart ? ['-movflags', '+faststart'] : []), path],
  ]);
  return path;
}

/** A filter that takes the sound of a run of frames, whose end is not included. */
export function soundOf(firstFrame: number, endFrame: number): string {
  const sample = (frame: number) => Math.round(PRIMING + frame * SAMPLES_PER_FRAME);
  return `atrim=start_sample=${sample(firstFrame)}:end_sample=${sample(endFrame)},asetpts=N/SR/TB`;
}

/** Two runs of frames, with their sound, one after the other; faded over 5 ms where they meet, or not. */
export function joined(
  one: readonly [number, number],
  two: readonly [number, number],
  join: 'faded' | 'raw' = 'faded',
): Required<Pick<Cut, 'picture' | 'sound'>> {
  const fadeOut = `,afade=t=out:ss=${(one[1] - one[0]) * SAMPLES_PER_FRAME - FADE}:ns=${FADE}`;
  const fadeIn = `,afade=t=in:ns=${FADE}`;
  const [out, into] = join === 'faded' ? [fadeOut, fadeIn] : ['', ''];
  const pictureOf = ([first, end]: readonly [number, number]) =>
    `trim=start_frame=${first}:end_frame=${end},setpts=N/30/TB`;
  return {
    picture: `split[v1][v2];[v1]${pictureOf(one)}[p1];[v2]${pictureOf(two)}[p2];[p1][p2]concat,setpts=N/30/TB`,
    sound: `asplit[a1][a2];[a1]${soundOf(...one)}${out}[s1];[a2]${soundOf(...two)}${into}[s2];[s1][s2]concat=v=0:a=1`,
  };
}

/** Runs ffmpeg, which overwrites its output. */
export async function ffmpeg(args: readonly string[]): Promise<void> {
  await run('ffmpeg', ['-v', 'error', '-y', ...args]);
}
