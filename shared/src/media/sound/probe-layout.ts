import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { JobInput } from '../ffmpeg/jobs.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile, MediaToolError } from '../ffmpeg/run.ts';

const probeSchema = z.object({
  streams: z.array(
    z.object({ channels: z.int().optional(), channel_layout: z.string().optional() }),
  ),
  frames: z.array(z.unknown()),
});

type Stream = z.output<typeof probeSchema>['streams'][number];

/** Enough to see whether a decoder understands it. */
const PROBED_SECONDS = 1;
/** Enough for some frames of any codec. */
const PROBED_BYTES = 256 << 10;

/** FFmpeg's name of a layout that FFprobe tells, or `n channels`; nothing where the audio cannot be decoded. */
export function layoutName({ channels, channel_layout: name }: Stream): string | undefined {
  if (!channels) return undefined;
  return name && name !== 'unknown' ? name : `${channels} channels`;
}

/**
 * Has the beginning of some audio decoded, for its channel layout: where headers do not tell it.
 * @returns `undefined` where it cannot be decoded
 */
export async function probeLayout(
  input: JobInput,
  specifier: string,
  work: MediaWork,
): Promise<string | undefined> {
  const source = 'options' in input ? input.options : await beginningOf(input.stream, work);
  try {
    const { stdout } = await work.ffprobe([
      ...['-select_streams', specifier, '-read_intervals', `%+${PROBED_SECONDS}`],
      ...['-show_entries', 'stream=channels,channel_layout:frame=nb_samples'],
      ...['-of', 'json', ...source],
    ]);
    const { streams, frames } = probeSchema.parse(JSON.parse(stdout));
    return streams[0] && frames.length > 0 ? layoutName(streams[0]) : undefined;
  } catch (error) {
    if (error instanceof MediaToolError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

async function beginningOf(stream: AsyncIterable<Buffer>, work: MediaWork): Promise<string[]> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    parts.push(part);
    bytes += part.length;
    if (bytes > PROBED_BYTES) break;
  }
  const file = join(work.folder, 'probed-audio.ts');
  await writeFile(file, Buffer.concat(parts));
  return inputFile(file, 'mpegts');
}
