import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isHdr } from '../codecs/colour.ts';
import type { FrameFormat } from '../codecs/frame-format.ts';
import { ffmpegPath } from './run.ts';

/** What not every FFmpeg can do with frames. */
export interface FrameAbilities {
  /** libx265. */
  hasHevcEncoder: boolean;
  /** zscale, which knows the transfer functions of HDR. */
  hasToneMapping: boolean;
}

let known: Promise<FrameAbilities> | undefined;

/**
 * What the FFmpeg at hand can do; asked once per process, and only where it makes a difference.
 * @param formats of the frames: those of 8 bits and SDR need none of it
 */
export async function frameAbilities(formats: readonly FrameFormat[]): Promise<FrameAbilities> {
  const isAsked = formats.some(({ bitDepth, colour }) => bitDepth > 8 || isHdr(colour));
  if (!isAsked) return { hasHevcEncoder: false, hasToneMapping: false };
  known ??= lookFor();
  return known;
}

async function lookFor(): Promise<FrameAbilities> {
  const [encoders, filters] = await Promise.all(['-encoders', '-filters'].map(namesIn));
  return {
    hasHevcEncoder: encoders!.has('libx265'),
    hasToneMapping: filters!.has('zscale') && filters!.has('tonemap'),
  };
}

async function namesIn(list: string): Promise<Set<string>> {
  const { stdout } = await promisify(execFile)(ffmpegPath(), ['-hide_banner', list]);
  return new Set(stdout.split(/\s+/));
}
