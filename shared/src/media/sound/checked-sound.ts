import { open } from 'node:fs/promises';
import { readMp3Info } from '../audio-clip/frames/mp3-info.ts';
import { runJobs } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { MediaToolError } from '../ffmpeg/run.ts';
import { OutputCheckError } from '../output-check-error.ts';
import type { MediaWarning } from '../warnings.ts';
import { encodedFrames } from './encode-aac.ts';
import type { ExactFormat, ExactSound } from './exact-sound.ts';
import { SAMPLE_RATE } from './sample-rate.ts';
import type { Voice } from './voices.ts';
import { adtsContent, flacContent } from './written-sound.ts';

/**
 * Does the job of `exactSound` by itself, with silence in place of what cannot be decoded, and measures what came out.
 * @returns in what the audio is less than the source
 * @throws OutputCheckError as `checkedSound`, or MediaToolError where nothing can be decoded
 */
export async function makeExactSound(exact: ExactSound, work: MediaWork): Promise<MediaWarning[]> {
  try {
    await runJobs([exact.job], work);
  } catch (error) {
    const isRescued = error instanceof MediaToolError && (await soundWithoutLost(exact, work));
    if (!isRescued || exact.voices.every(({ isLost }) => isLost)) throw error;
  }
  return checkedSound(exact, work);
}

/**
 * Measures what the job of `exactSound` has written. Where the format changed and no header told, it is too long, for
 * FFmpeg's filters have begun to count again: then it is decoded first, and put in place after that.
 * @returns in what the audio is less than the source
 * @throws OutputCheckError where it still is not as long as its frames
 */
export async function checkedSound(exact: ExactSound, work: MediaWork): Promise<MediaWarning[]> {
  const { file, format, sampleCount } = exact;
  const isAsLong = async () => (await samplesIn(file, format, sampleCount)) === sampleCount;
  if (await isAsLong()) return exact.warnings();
  const { decoding, placing } = exact.inTwoSteps(work);
  await runJobs(decoding, work);
  await runJobs([placing], work);
  if (await isAsLong()) return exact.warnings();
  const off = ((await samplesIn(file, format, sampleCount)) ?? 0) - sampleCount;
  const ms = Math.round((Math.abs(off) * 1000) / SAMPLE_RATE);
  throw new OutputCheckError(
    `its audio is ${ms} ms ${off > 0 ? 'longer' : 'shorter'} than its frames`,
  );
}

/**
 * Makes the audio after the job of `exactSound` has failed: FFmpeg gives up where nothing at all comes out of a decoder.
 * Such voices become silent.
 * @returns whether there were any; if not, nothing has been made
 */
export async function soundWithoutLost(exact: ExactSound, work: MediaWork): Promise<boolean> {
  let hasLost = false;
  for (const voice of exact.voices) {
    if (voice.isLost || (await isDecodable(voice, work))) continue;
    voice.isLost = true;
    hasLost = true;
  }
  if (hasLost) await runJobs([exact.again()], work);
  return hasLost;
}

async function isDecodable({ open, specifier }: Voice, work: MediaWork): Promise<boolean> {
  const filter = ([input]: readonly number[]) => `[${input}:${specifier}]anull[tried]`;
  const outputs = ['-map', '[tried]', '-f', 'null', '-'];
  try {
    await runJobs([{ inputs: [open()], filter, outputs }], work);
    return true;
  } catch (error) {
    if (!(error instanceof MediaToolError)) throw error;
    return false;
  }
}

/** @returns how many samples a file holds; of AAC, those expected where it has as many frames as they take */
async function samplesIn(file: string, format: ExactFormat, expected: number) {
  if (format === 'flac') return (await flacContent(file))?.sampleCount;
  if (format === 'mp3') return mp3Samples(file);
  const { frameCount, frameSamples } = encodedFrames(expected);
  const found = (await adtsContent(file))?.frameCount;
  return found === undefined ? undefined : expected + (found - frameCount) * frameSamples;
}

const MP3_BEGINNING_BYTES = 4096;
const MP3_FRAME_SAMPLES = 1152;

/** By LAME's tag. */
async function mp3Samples(file: string): Promise<number | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MP3_BEGINNING_BYTES), 0);
    const info = readMp3Info(buffer.subarray(0, bytesRead), 0);
    if (!info?.frameCount) return undefined;
    return info.frameCount * MP3_FRAME_SAMPLES - info.startPadding - info.endPadding;
  } finally {
    await handle.close();
  }
}
