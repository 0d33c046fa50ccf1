import { availableParallelism, cpus } from 'node:os';
import { ffmpegVersion } from '#shared/media/ffmpeg/tools';

/** What figures depend on, and when they were taken. Nothing that tells whose machine it was. */
export interface Machine {
  cores: number;
  cpu: string;
  node: string;
  ffmpeg: string;
  /** ISO 8601, the day only. */
  date: string;
}

export async function thisMachine(): Promise<Machine> {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.versions.node,
    ffmpeg: await ffmpegVersion(),
    date: new Date().toISOString().slice(0, 10),
  };
}

export const describeMachine = ({ cores, cpu, node, ffmpeg, date }: Machine): string =>
  `${cores} cores (${cpu}), Node.js ${node}, FFmpeg ${ffmpeg}, ${date}`;
