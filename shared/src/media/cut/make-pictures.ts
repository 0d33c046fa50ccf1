import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { VideoCodec } from '../source/media-index.ts';
import { indexTransportStream } from '../transport-stream/index-transport-stream.ts';
import { writeTransportStream } from '../transport-stream/writing/write-transport-stream.ts';
import { encodedTrack, type PartJob } from './encode-parts.ts';
import type { SegmentPlan } from './parts.ts';
import { FIRST_PTS, type Piece, splice } from './splice.ts';

/** The pictures of a segment, as the file that was written holds them. */
export interface SegmentPictures {
  /** MPEG-TS, one access unit to a PES packet, with its own parameter sets. */
  file: string;
  /** When they are shown in the segment, ascending, in ticks. */
  times: number[];
  framesEncoded: number;
}

/**
 * Puts copied and encoded parts together, and looks at what came out.
 * @param encoded the jobs of the plan's encoded parts, done
 * @throws NotCopyableError when it is not what the plan says
 */
export async function makePictures(
  plan: SegmentPlan,
  encoded: readonly PartJob[],
  work: MediaWork,
): Promise<SegmentPictures> {
  const tracks = new Map(
    await Promise.all(
      encoded.map(async (job) => [job.part, await encodedTrack(job, work)] as const),
    ),
  );
  const pieces = plan.parts.map((part): Piece => {
    if (part.kind === 'copied') return part;
    const track = tracks.get(part)!;
    return { track, units: track.units, times: part.times };
  });
  const file = join(work.folder, 'segment.ts');
  const codec: VideoCodec = pieces[0]!.track.codec;
  const packets = writeTransportStream(splice(pieces), { video: codec });
  await pipeline(Readable.from(packets), createWriteStream(file), { signal: work.signal });
  return {
    file,
    times: await writtenTimes(file, plan, work),
    framesEncoded: encoded.reduce((sum, { part }) => sum + part.times.length, 0),
  };
}

async function writtenTimes(file: string, plan: SegmentPlan, work: MediaWork): Promise<number[]> {
  const { pictures } = await indexTransportStream([{ path: file, take: 'all' }], work.signal);
  const written = pictures!.units.map(({ pts }) => pts - FIRST_PTS).sort((a, b) => a - b);
  const planned = plan.parts.flatMap(({ times }) => times);
  const isAsPlanned =
    written.length === planned.length && written.every((time, n) => time === planned[n]);
  if (!isAsPlanned) throw new NotCopyableError('what was written is not what was planned');
  return written;
}
