import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { feedUrl, runChild } from '#local/sample/child';
import { soundInput } from '#local/sample/encoding';
import { SAMPLE_RATE, voiceStream } from '#local/sample/voice';
import { ffmpegPath } from '#shared/media/ffmpeg/run';
import { CACHE, cached } from '../episodes/bench-episode.ts';

/** The voice is drawn and encoded for so long, and then repeated. */
const PART_SECONDS = 720;
const PARTS = 15;

export const FILE_SECONDS = PART_SECONDS * PARTS;

/** The kinds of files that talks come in. */
export const FORMATS = {
  'AAC in MP4, 128 kbit/s': { name: 'talk.m4a', options: ['-c:a', 'aac', '-b:a', '128k'] },
  'MP3, 128 kbit/s': { name: 'talk.mp3', options: ['-c:a', 'libmp3lame', '-b:a', '128k'] },
  'MP3, varying bit rate': { name: 'vbr.mp3', options: ['-c:a', 'libmp3lame', '-q:a', '4'] },
} as const;

export type Format = keyof typeof FORMATS;

/** An audio file of three hours on disk. */
export interface LongAudio {
  format: Format;
  /** Of the file, and of its episode. */
  name: string;
  file: string;
  bytes: number;
}

/** Makes the files, once: they are kept. */
export async function longAudio(): Promise<LongAudio[]> {
  const dir = join(CACHE, `audio-${FILE_SECONDS}`);
  await cached(dir, 'audio files of three hours', makeFiles);
  const formats = Object.entries(FORMATS) as [Format, (typeof FORMATS)[Format]][];
  return Promise.all(
    formats.map(async ([format, { name }]) => {
      const file = join(dir, name);
      return { format, name, file, bytes: (await stat(file)).size };
    }),
  );
}

async function makeFiles(dir: string): Promise<void> {
  const voice = voiceStream(PART_SECONDS * SAMPLE_RATE);
  await ffmpeg(dir, [...soundInput(feedUrl(0)), '-ar', '44100', '-ac', '2', PART], [voice]);
  for (const { name, options } of Object.values(FORMATS)) {
    const part = `part-${name}`;
    await ffmpeg(dir, ['-i', PART, ...options, part]);
    const loop = ['-stream_loop', String(PARTS - 1), '-i', part];
    await ffmpeg(dir, [...loop, '-c', 'copy', name]);
    await rm(join(dir, part));
  }
  await rm(join(dir, PART));
}

const PART = 'part.wav';

async function ffmpeg(
  cwd: string,
  args: readonly string[],
  feeds: readonly AsyncIterable<Uint8Array>[] = [],
): Promise<void> {
  const all = ['-hide_banner', '-nostdin', '-v', 'error', ...args];
  const { exitCode, stderr } = await runChild(ffmpegPath(), all, { feeds, cwd });
  if (exitCode !== 0) throw new Error(`An audio file cannot be made: ${stderr.trim()}`);
}
