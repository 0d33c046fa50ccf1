import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { readMovie } from '../mp4/movie/read-movie.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { encodedTrack, type PartJob } from './encode-parts.ts';
import type { SegmentPlan } from './parts.ts';
import { SegmentWriter, type WrittenPiece } from './segment-writer.ts';
import type { Piece } from './splice.ts';
import { ticksOf } from './stretch.ts';

/** The pictures of a segment, as the file that was written holds them. */
export interface SegmentPictures {
  /** MP4, with nothing but the pictures. */
  file: string;
  /** When they are shown in the segment, ascending, in ticks. */
  times: number[];
  framesEncoded: number;
}

/**
 * Puts copied and encoded parts together, and looks at what came out.
 * @param jobs those of the plan's encoded parts
 * @param encode does them; copying goes on meanwhile
 * @throws NotCopyableError when it is not what the plan says
 */
export async function makePictures(
  plan: SegmentPlan,
  jobs: readonly PartJob[],
  encode: () => Promise<unknown>,
  work: MediaWork,
): Promise<SegmentPictures> {
  const file = join(work.folder, 'segment.mp4');
  const writer = await SegmentWriter.create(file);
  let times: number[] = [];
  try {
    const [copied, encoded] = await Promise.allSettled([
      writeCopied(plan, writer, work.signal),
      encode(),
    ]);
    if (encoded.status === 'rejected') throw encoded.reason;
    if (copied.status === 'rejected') throw copied.reason;
    const pieces = copied.value;
    for (const job of jobs) {
      const piece = await encodedPiece(job, work);
      pieces[plan.parts.indexOf(job.part)] = await writer.write(piece, work.signal);
      // So that no more lies on disk than what was read and what comes of it.
      await rm(job.file);
    }
    times = pieces.flatMap((piece) => piece.times);
    await writer.finish(
      pieces,
      plan.stretches.reduce((sum, one) => sum + ticksOf(one), 0),
    );
  } finally {
    await writer.close();
  }
  return {
    file,
    times: await writtenTimes(file, times),
    framesEncoded: jobs.reduce((sum, { part }) => sum + part.times.length, 0),
  };
}

/** @returns the pieces at their places among the plan's parts */
async function writeCopied(
  { parts }: SegmentPlan,
  writer: SegmentWriter,
  signal: AbortSignal,
): Promise<WrittenPiece[]> {
  const pieces: WrittenPiece[] = [];
  for (const [n, part] of parts.entries()) {
    if (part.kind === 'copied') pieces[n] = await writer.write(part, signal);
  }
  return pieces;
}

async function encodedPiece(job: PartJob, work: MediaWork): Promise<Piece> {
  const { track, times } = await encodedTrack(job, work);
  return { track, units: track.units, times };
}

async function writtenTimes(file: string, planned: readonly number[]): Promise<number[]> {
  const [pictures] = await readMovie(file);
  const { samples, startsAt } = pictures!;
  const written = samples.map(({ pts }) => pts - startsAt).sort((a, b) => a - b);
  const isAsPlanned =
    written.length === planned.length && written.every((time, n) => time === planned[n]);
  if (!isAsPlanned) throw new NotCopyableError('what was written is not what was planned');
  return written;
}
