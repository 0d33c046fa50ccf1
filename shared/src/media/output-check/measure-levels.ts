import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobInput, runJobs } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';

/** Levels of a decoded frame, as they are stored, of 255: those of 10 bits have fractions. */
export interface FrameLevels {
  /** Mean values of its planes. */
  y: number;
  u: number;
  v: number;
  /** Of the luma: a tenth of it is darker than this, and a tenth brighter than that. */
  dark: number;
  bright: number;
  /** Whether its values have more than 8 bits. */
  isDeep: boolean;
}

/** A few frames to be decoded and measured. */
export interface FramesToMeasure {
  input: JobInput;
  /** Filters that leave these frames and no others. */
  select: string;
}

/**
 * Decodes frames and measures their mean levels, all in one process. Nothing is converted on the way: what is measured
 * is what a decoder puts out.
 * @returns for each request its frames, in the order they are shown
 * @throws MediaToolError when one cannot be decoded
 */
export async function measureLevels(
  requests: readonly FramesToMeasure[],
  work: MediaWork,
): Promise<FrameLevels[][]> {
  const files = requests.map((_, n) => join(work.folder, `levels-${n}.txt`));
  const jobs = requests.map(({ input, select }, n) => ({
    inputs: [input],
    filter: ([place]: readonly number[]) =>
      `[${place}:v:0]${select},signalstats,metadata=mode=print:file=${quoted(files[n]!)}[levels${n}]`,
    outputs: ['-map', `[levels${n}]`, '-f', 'null', '-'],
  }));
  await runJobs(jobs, work);
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8');
      await rm(file);
      return framesIn(text);
    }),
  );
}

/** What FFmpeg's `metadata` filter prints: a line for each frame, and below it one for each value. */
function framesIn(text: string): FrameLevels[] {
  return text
    .split(/^frame:/m)
    .slice(1)
    .map((frame) => {
      const numberOf = (name: string) =>
        Number(new RegExp(`signalstats\\.${name}=([\\d.]+)`).exec(frame)?.[1]);
      // Only the bits in use are told.
      const bits = numberOf('YBITDEPTH');
      const scale = bits > 10 ? 16 : bits > 8 ? 4 : 1;
      const levelOf = (name: string) => numberOf(name) / scale;
      const [y, u, v] = [levelOf('YAVG'), levelOf('UAVG'), levelOf('VAVG')];
      const [dark, bright] = [levelOf('YLOW'), levelOf('YHIGH')];
      return { y, u, v, dark, bright, isDeep: bits > 8 };
    });
}

/** A value of a filter's option: it is unescaped twice, as an option and as part of a graph. */
const quoted = (value: string): string =>
  value.replaceAll(/[\\':]/g, '\\$&').replaceAll(/[\\'[\],;]/g, '\\$&');
