import { open } from 'node:fs/promises';
import { readMp3Info } from '../audio-clip/frames/mp3-info.ts';
import { runJobs } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { OutputCheckError } from '../output-check-error.ts';
import type { MediaWarning } from '../warnings.ts';
import { encodedFrames } from './encode-aac.ts';
import type { ExactFormat, ExactSound } from './exact-sound.ts';
import { adtsContent, flacContent } from './written-sound.ts';

/**
 * Measures what the job of `exactSound` has written. Where the format changed and no header told, it is too long, for
 * FFmpeg's filters have begun to count again: then it is decoded first, and put in place after that.
 * @returns in what the audio is less than the source
 * @throws OutputCheckError where it still is not as long as its frames
 */
export async function checkedSound(exact: ExactSound, work: MediaWork): Promise<MediaWarning[]> {
  const { file, format, sampleCount } = exact;
  if (await isAsLong(file, format, sampleCount)) return exact.warnings();
  const { decoding, placing } = exact.inTwoSteps(work);
  await runJobs(decoding, work);
  await runJobs([placing], work);
  if (await isAsLong(file, format, sampleCount)) return exact.warnings();
  throw new OutputCheckError('its audio is not as long as its frames');
}

async function isAsLong(file: string, format: ExactFormat, samples: number): Promise<boolean> {
  if (format === 'flac') return (await flacContent(file))?.sampleCount === samples;
  if (format === 'mp3') return (await mp3Samples(file)) === samples;
  return (await adtsContent(file))?.frameCount === encodedFrames(samples).frameCount;
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
