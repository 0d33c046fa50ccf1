import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile, MediaToolError } from '../ffmpeg/run.ts';
import type { RangedObject } from '../source/ranged-object.ts';
import type { FileSound } from './file-sound.ts';
import { readSpans } from './read-spans.ts';
import { audioUndecodable } from './undecodable.ts';

const probeSchema = z.object({
  streams: z.tuple([z.object({ sample_rate: z.coerce.number().int().positive() })]),
  format: z.object({ duration: z.coerce.number().positive() }),
});

/**
 * Sound in a format that only FFmpeg reads: the file is brought to local disk, all of it, and decoded from its
 * beginning. That takes the longer the later a clip is; but where FFmpeg seeks, it is off by as much as a frame in
 * Matroska and with Vorbis.
 * @throws PermanentError `AUDIO_UNDECODABLE`
 */
export async function openWhole(
  object: RangedObject,
  demuxer: string,
  work: MediaWork,
): Promise<FileSound> {
  const file = join(work.folder, 'audio');
  const bytes = readSpans(object, [{ start: 0, end: object.size }]);
  await pipeline(Readable.from(bytes), createWriteStream(file), { signal: work.signal });
  const { sampleRate, seconds } = await probe(file, demuxer, work);
  return {
    sampleRate,
    sampleCount: Math.round(seconds * sampleRate),
    reading: 'whole',
    excerpt: async () => ({ input: { options: inputFile(file, demuxer) }, firstSample: 0 }),
  };
}

async function probe(file: string, demuxer: string, work: MediaWork) {
  try {
    const { stdout } = await work.ffprobe([
      ...inputFile(file, demuxer),
      ...['-select_streams', 'a:0', '-show_entries', 'stream=sample_rate:format=duration'],
      ...['-of', 'json'],
    ]);
    const { streams, format } = probeSchema.parse(JSON.parse(stdout));
    return { sampleRate: streams[0].sample_rate, seconds: format.duration };
  } catch (error) {
    if (error instanceof MediaToolError) throw audioUndecodable(error.lastLines, error);
    if (error instanceof z.ZodError) throw audioUndecodable('it holds no sound', error);
    throw error;
  }
}
