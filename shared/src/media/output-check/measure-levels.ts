import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobInput, runJobs } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';

/** Levels of a decoded frame on the scale of 8 bits, 0 to 255; frames of more bits have fractions. */
export interface FrameLevels {
  /** Mean values of its planes. */
  y: number;
  u: number;
  v: number;
  /** Of the luma: a tenth of it is darker than this, and a tenth brighter than that. */
  dark: number;
  bright: number;
}

/** A few frames to be decoded and measured. */
export interface FramesToMeasure {
  input: JobInput;
  /** Filters that leave these frames and no others. */
  select: string;
  /** Of a sample. FFmpeg's filter only reports the bits in use, which are fewer in dark frames. */
  bitDepth: number;
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
    files.map(async (file, n) => {
      const text = await readFile(file, 'utf8');
      await rm(file);
      return framesIn(text, requests[n]!.bitDepth);
    }),
  );
}

/** Reads what FFmpeg's `metadata` filter prints: a line for each frame, and below it one for each value. */
function framesIn(text: string, bitDepth: number): FrameLevels[] {
  return text
    .split(/^frame:/m)
    .slice(1)
    .map((frame) => {
      const levelOf = (name: string) =>
        Number(new RegExp(`signalstats\\.${name}=([\\d.]+)`).exec(frame)?.[1]) /
        2 ** (bitDepth - 8);
      return {
        y: levelOf('YAVG'),
        u: levelOf('UAVG'),
        v: levelOf('VAVG'),
        dark: levelOf('YLOW'),
        bright: levelOf('YHIGH'),
      };
    });
}

/** A value of a filter's option: it is unescaped twice, as an option and as part of a graph. */
const quoted = (value: string): string =>
  value.replaceAll(/[\\':]/g, '\\$&').replaceAll(/[\\'[\],;]/g, '\\$&');
