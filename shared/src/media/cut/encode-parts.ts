import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ffmpeg, inputFile } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { indexAccessUnits, type VideoIndex } from '../transport-stream/access-units.ts';
import { writeUnits } from '../transport-stream/write-units.ts';
import type { CutPart } from './cut-plan.ts';
import type { CutRequest } from './cut-segment.ts';
import { OWN_TIMES } from './encode-like.ts';
import type { IndexedSource } from './index-source.ts';
import { segmentSound, soundOutput } from './segment-sound.ts';
import { FIRST_PTS, type Piece, splice } from './splice.ts';

/** Writes pieces as one transport stream. */
export async function writeSpliced(
  pieces: readonly Piece[],
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const packets = Readable.from(writeUnits(splice(pieces)));
  await pipeline(packets, createWriteStream(file), { signal });
}

/** What is to be encoded of a segment. */
export interface EncodingWork {
  request: CutRequest;
  source: IndexedSource;
  parts: readonly CutPart[];
  /** Options of the picture's encoder. */
  encoder: readonly string[];
  audioFile?: string;
}

/**
 * Encodes parts of a segment, and its sound, in one process. Of the source, it decodes only what the parts
 * need.
 * @returns the access units of every part, as many as asked for
 * @throws NotCopyableError or MediaToolError
 */
export async function encodeParts(
  work: EncodingWork,
  signal: AbortSignal,
): Promise<{ encoded: VideoIndex[]; ffmpegMs: number }> {
  const { request, parts, audioFile } = work;
  if (parts.length === 0 && !audioFile) return { encoded: [], ffmpegMs: 0 };
  const commands = await Promise.all(parts.map((part, n) => encodingOf(work, part, n, signal)));
  const sound = audioFile
    ? [
        ...['-filter_complex', segmentSound(parts.length, request.wanted, request.index.tickUs)],
        ...soundOutput(audioFile),
      ]
    : [];
  const { elapsedMs } = await ffmpeg(
    [
      '-copyts',
      ...commands.flatMap(({ input }) => input),
      ...(audioFile ? inputFile(request.source, request.demuxer) : []),
      ...commands.flatMap(({ output }) => output),
      ...sound,
    ],
    signal,
  );
  const encoded = await Promise.all(
    commands.map(({ outputFile }) => indexAccessUnits(outputFile, signal)),
  );
  parts.forEach(({ fromRank, toRank }, n) => {
    if (encoded[n]!.units.length === toRank - fromRank) return;
    throw new NotCopyableError('pictures at an end of the segment cannot be decoded');
  });
  return { encoded, ffmpegMs: elapsedMs };
}

async function encodingOf(
  { request, source, encoder }: EncodingWork,
  part: CutPart,
  n: number,
  signal: AbortSignal,
) {
  const inputFileName = join(request.folder, `part-${n}-source.ts`);
  const outputFile = join(request.folder, `part-${n}.ts`);
  const { video, shown } = source;
  const units = video.units.slice(part.firstUnit, part.endUnit);
  const pts = units.map((unit) => unit.pts);
  const shift = FIRST_PTS - pts.reduce((low, time) => Math.min(low, time));
  await writeSpliced([{ ...video, units, pts }], inputFileName, signal);
  const from = shown[part.fromRank]! + shift;
  const to = shown[part.toRank - 1]! + shift + 1;
  return {
    outputFile,
    input: inputFile(inputFileName, 'mpegts'),
    output: [
      ...['-map', `${n}:v:0`, '-vf', `trim=start_pts=${from}:end_pts=${to}`, ...encoder],
      ...[...OWN_TIMES, '-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', outputFile],
    ],
  };
}
