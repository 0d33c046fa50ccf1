import { join } from 'node:path';
import { runJobs } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile, MediaToolError } from '../ffmpeg/run.ts';
import { decodedOutput, decodedSound } from './decoded-time.ts';
import { holesIn, LEAST_LOST_TICKS, type TickSpan } from './heard-time.ts';

/**
 * Decodes a file of AAC frames (ADTS): their headers do not tell whether what is in them is whole.
 * @param heard the part that must be decodable, in ticks from the first frame
 * @returns the sample rate that comes out, of HE-AAC twice that of the headers; nothing where a frame is lost
 */
export async function decodedRate(
  file: string,
  heard: TickSpan,
  work: MediaWork,
): Promise<number | undefined> {
  const list = join(work.folder, 'decoded-copy.txt');
  const filter = ([input]: readonly number[]) => `[${input}:a:0]anull[copied]`;
  const outputs = ['-map', '[copied]', ...decodedOutput(list)];
  try {
    await runJobs([{ inputs: [{ options: inputFile(file, 'aac') }], filter, outputs }], work);
  } catch (error) {
    // Nothing at all comes out of the decoder.
    if (error instanceof MediaToolError) return undefined;
    throw error;
  }
  const { spans, sampleRate } = await decodedSound(list);
  const lost = holesIn(heard, spans, { leastTicks: LEAST_LOST_TICKS });
  return lost.length > 0 ? undefined : sampleRate;
}
