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
  /** Mean of the luma where all that is darker than the middle counts as the middle. */
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
  const files = requests.map((_, n) => ({
    all: join(work.folder, `levels-${n}.txt`),
    bright: join(work.folder, `levels-bright-${n}.txt`),
  }));
  const jobs = requests.map(({ input, select, bitDepth }, n) => {
    const { all, bright } = files[n]!;
    const filter = ([place]: readonly number[]) =>
      [
        `[${place}:v:0]${select},split[all${n}][luma${n}]`,
        `[all${n}]${statistics(all)}[levels${n}]`,
        `[luma${n}]lutyuv=y=max(val\\,${2 ** (bitDepth - 1)}),${statistics(bright)}[bright${n}]`,
      ].join(';');
    const sink = ['-f', 'null', '-'];
    const outputs = ['-map', `[levels${n}]`, ...sink, '-map', `[bright${n}]`, ...sink];
    return { inputs: [input], filter, outputs };
  });
  await runJobs(jobs, work);
  return Promise.all(
    files.map(async ({ all, bright }, n) => {
      const { bitDepth } = requests[n]!;
      const [frames, brightFrames] = await Promise.all([all, bright].map(readStatistics));
      const levelOf = (value: string | undefined) => Number(value) / 2 ** (bitDepth - 8);
      return frames!.map(({ YAVG, UAVG, VAVG }, k) => ({
        ...{ y: levelOf(YAVG), u: levelOf(UAVG), v: levelOf(VAVG) },
        bright: levelOf(brightFrames![k]?.YAVG),
      }));
    }),
  );
}

const statistics = (file: string) => `signalstats,metadata=mode=print:file=${quoted(file)}`;

/** Reads what FFmpeg's `metadata` filter prints: a line for each frame, and below it one for each value. */
async function readStatistics(file: string): Promise<Partial<Record<string, string>>[]> {
  const text = await readFile(file, 'utf8');
  await rm(file);
  return text
    .split(/^frame:/m)
    .slice(1)
    .map((frame) =>
      Object.fromEntries(
        [...frame.matchAll(/signalstats\.(\w+)=([\d.]+)/g)].map(([, name, value]) => [name, value]),
      ),
    );
}

/** A value of a filter's option: it is unescaped twice, as an option and as part of a graph. */
const quoted = (value: string): string =>
  value.replaceAll(/[\\':]/g, '\\$&').replaceAll(/[\\'[\],;]/g, '\\$&');
