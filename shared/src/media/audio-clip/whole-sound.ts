import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile, MediaToolError } from '../ffmpeg/run.ts';
import { reasonOf } from '../media-problem.ts';
import { flacContent } from '../sound/written-sound.ts';
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
  const file = await brought(object, work);
  const { sampleRate, seconds } = await probe(file, demuxer, work);
  return {
    sampleRate,
    sampleCount: Math.round(seconds * sampleRate),
    reading: 'whole',
    excerpt: async () => ({ input: { options: inputFile(file, demuxer) }, firstSample: 0 }),
  };
}

/**
 * Sound of bare frames that are not all alike. All of it is decoded into one format, the rate of its first frame and
 * two channels, before anything is counted in it.
 * @throws PermanentError `AUDIO_UNDECODABLE`
 */
export async function openMixed(
  object: RangedObject,
  demuxer: string,
  work: MediaWork,
): Promise<FileSound> {
  const source = await brought(object, work);
  const { sampleRate } = await probe(source, demuxer, work);
  const file = join(work.folder, 'audio.flac');
  const format = `aresample=${sampleRate},aformat=sample_fmts=s16:channel_layouts=stereo`;
  try {
    await work.ffmpeg([
      ...[...inputFile(source, demuxer), '-map', '0:a:0', '-af', format],
      ...['-c:a', 'flac', '-compression_level', '0', '-f', 'flac', file],
    ]);
  } catch (error) {
    if (error instanceof MediaToolError) throw audioUndecodable(reasonOf(error), error);
    throw error;
  }
  const { sampleCount = 0 } = (await flacContent(file)) ?? {};
  return {
    ...{ sampleRate, sampleCount, reading: 'whole' },
    excerpt: async () => ({ input: { options: inputFile(file, 'flac') }, firstSample: 0 }),
  };
}

/** @returns the file, on local disk */
async function brought(object: RangedObject, work: MediaWork): Promise<string> {
  const file = join(work.folder, 'audio');
  const bytes = readSpans(object, [{ start: 0, end: object.size }]);
  await pipeline(Readable.from(bytes), createWriteStream(file), { signal: work.signal });
  return file;
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
    if (error instanceof MediaToolError) throw audioUndecodable(reasonOf(error), error);
    if (error instanceof z.ZodError) throw audioUndecodable('it holds no sound', error);
    throw error;
  }
}
