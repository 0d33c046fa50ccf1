import { execFile } from 'node:child_process';
import { type FileHandle, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fillVoice, SAMPLE_RATE } from '#local/sample/index';
import { MediaWork } from '../ffmpeg/media-work.ts';
import type { RangedObject } from '../source/ranged-object.ts';
import type { MediaWarning } from '../warnings.ts';
import { type AudioSpan, cutAudio } from './cut-audio.ts';
import type { FileSound } from './file-sound.ts';
import type { FrameIndex } from './frames/frame-index.ts';
import { openAudio } from './open-audio.ts';

const run = promisify(execFile);

/** So long is the voice that files are made of. */
export const VOICE_SECONDS = 120;

/** Writes the voice, no two pieces of which are alike, as WAV of one channel. */
export async function makeVoice(folder: string): Promise<string> {
  const voice = fillVoice(0, new Float32Array(VOICE_SECONDS * SAMPLE_RATE));
  const raw = join(folder, 'voice.f32');
  await writeFile(raw, new Uint8Array(voice.buffer));
  const file = join(folder, 'voice.wav');
  const input = ['-f', 'f32le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', raw];
  await run('ffmpeg', ['-v', 'error', ...input, '-c:a', 'pcm_s16le', file]);
  return file;
}

/** Encodes a file anew. @param name its extension chooses the container */
export async function encoded(
  file: string,
  options: readonly string[],
  name: string,
  folder: string,
): Promise<string> {
  const made = join(folder, name);
  await run('ffmpeg', ['-v', 'error', '-y', '-i', file, ...options, made]);
  return made;
}

/** The same file so many times, one after the other in one container. */
export async function repeated(
  file: string,
  times: number,
  name: string,
  folder: string,
): Promise<string> {
  const made = join(folder, name);
  const input = ['-stream_loop', String(times - 1), '-i', file];
  await run('ffmpeg', ['-v', 'error', '-y', ...input, '-c', 'copy', made]);
  return made;
}

/** Decoded sound, of one or more channels. */
export interface Decoded {
  /** Of all channels, as they come. */
  values: Float32Array;
  sampleRate: number;
  channels: number;
  /** Of each channel. */
  sampleCount: number;
}

/** All of a file, as FFmpeg decodes it from its beginning. */
export async function decoded(file: string): Promise<Decoded> {
  const shown = ['-show_entries', 'stream=sample_rate,channels', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-select_streams',
    'a:0',
    ...shown,
    file,
  ]);
  const [sampleRate, channels] = stdout.trim().split(',').map(Number) as [number, number];
  const raw = `${file}.f32`;
  await run('ffmpeg', ['-v', 'error', '-y', '-i', file, '-map', '0:a:0', '-f', 'f32le', raw]);
  return asDecoded(await readFile(raw), sampleRate, channels);
}

function asDecoded(bytes: Buffer, sampleRate: number, channels: number): Decoded {
  const values = new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);
  return { values, sampleRate, channels, sampleCount: values.length / channels };
}

/** Stands in for S3: a file of which pieces are read, and counted. */
export class FileObject implements RangedObject {
  bytesRead = 0;
  reads = 0;

  private constructor(
    private readonly handle: FileHandle,
    readonly size: number,
  ) {}

  static async open(file: string): Promise<FileObject> {
    return new FileObject(await open(file, 'r'), (await stat(file)).size);
  }

  async read(start: number, end: number): Promise<Buffer> {
    if (!(start >= 0 && start < end && end <= this.size)) {
      throw new RangeError(`There are no bytes ${start}–${end} in ${this.size}.`);
    }
    this.reads++;
    this.bytesRead += end - start;
    const { buffer } = await this.handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Keeps an index in memory. */
export class MemoryIndex {
  index?: FrameIndex;
  saves = 0;

  load = async (): Promise<FrameIndex | undefined> => this.index;

  save = async (index: FrameIndex): Promise<void> => {
    this.saves++;
    this.index = index;
  };
}

/** A clip, and what it took. */
export interface MadeAudio {
  sound: FileSound;
  bytesRead: number;
  reads: number;
  work: MediaWork;
  warnings: readonly MediaWarning[];
}

let made = 0;

/**
 * Cuts a clip out of a file.
 * @param output FFmpeg's output options for the file that they get
 */
export async function cutFile(
  file: string,
  span: AudioSpan,
  output: (file: string) => readonly string[],
  folder: string,
  index = new MemoryIndex(),
): Promise<MadeAudio & { clip: string }> {
  const object = await FileObject.open(file);
  const work = new MediaWork(folder, new AbortController().signal);
  const clip = join(folder, `clip-${made++}`);
  try {
    const sound = await openAudio(object, index, work);
    const warnings = await cutAudio(sound, span, output(clip), work);
    const { bytesRead, reads } = object;
    return { sound, bytesRead, reads, work, warnings, clip };
  } finally {
    await object.close();
  }
}

/** Cuts a clip and does not encode it, so that it can be compared with the decoded file. */
export async function cutSamples(
  file: string,
  span: AudioSpan,
  { channels, sampleRate }: Decoded,
  folder: string,
  index?: MemoryIndex,
): Promise<MadeAudio & { heard: Decoded }> {
  const { clip, ...rest } = await cutFile(file, span, (out) => ['-f', 'f32le', out], folder, index);
  return { ...rest, heard: asDecoded(await readFile(clip), sampleRate, channels) };
}

/** Beside a fade, with a sample for its rounding. */
const FADE_SECONDS = 0.005;

/**
 * The largest difference between a clip and the place of the file that it should be from, its fades left out.
 * @param lag so many samples further on in the file
 */
export function differenceAt(heard: Decoded, whole: Decoded, startMs: number, lag = 0): number {
  const { channels, sampleRate, values } = heard;
  const from = (Math.round((startMs * sampleRate) / 1000) + lag) * channels;
  const fade = (Math.ceil(FADE_SECONDS * sampleRate) + 1) * channels;
  let most = 0;
  for (let k = fade; k < values.length - fade; k++) {
    most = Math.max(most, Math.abs(values[k]! - (whole.values[from + k] ?? 0)));
  }
  return most;
}
