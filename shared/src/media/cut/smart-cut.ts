import { join } from 'node:path';
import {
  assertOneTrack,
  freeId,
  parameterSetsOf,
  sequenceParameters,
} from '../h264/parameter-sets.ts';
import type { SequenceParameters } from '../h264/sequence-parameters.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { VideoIndex } from '../transport-stream/access-units.ts';
import { type CutPart, planCut } from './cut-plan.ts';
import type { CutRequest, CutResult } from './cut-segment.ts';
import { assertEncodable, encodeLike } from './encode-like.ts';
import { encodeParts, writeSpliced } from './encode-parts.ts';
import { type IndexedSource, indexSource } from './index-source.ts';
import { presentationRanks, reorderDelay } from './presentation-order.ts';
import type { Piece } from './splice.ts';

/**
 * Cuts one segment to the frame and copies what can be: only the pictures before its first IDR picture, and
 * those after the last one that can be copied, are encoded.
 * @throws NotCopyableError when that is not surely exact, or MediaToolError
 */
export async function smartCut(request: CutRequest, signal: AbortSignal): Promise<CutResult> {
  const { wanted, folder } = request;
  const source = await indexSource(request, signal);
  const fromRank = request.index.pts.indexOf(wanted.firstPts);
  const parts = planCut(source.video.units, fromRank, fromRank + wanted.frameCount);
  const { parameters, encoder } = qualify(source.video, parts);

  const toEncode = parts.filter(({ kind }) => kind === 'encode');
  const audioFile = request.hasAudio ? join(folder, 'segment.flac') : undefined;
  const { encoded, ffmpegMs } = await encodeParts(
    { request, source, parts: toEncode, encoder, audioFile },
    signal,
  );
  assertFits(parameters, encoded);

  const pieces = parts.map((part) => pieceOf(part, source, encoded[toEncode.indexOf(part)]));
  const videoFile = join(folder, 'segment.ts');
  await writeSpliced(pieces, videoFile, signal);
  return {
    videoFile,
    audioFile,
    ...methodOf(parts, toEncode),
    framesEncoded: toEncode.reduce((sum, part) => sum + part.toRank - part.fromRank, 0),
    ffmpegMs: source.ffmpegMs + ffmpegMs,
  };
}

/** The pictures of a part, from the source or as they were encoded, at the times of the source. */
function pieceOf(part: CutPart, { video, shown }: IndexedSource, encoded?: VideoIndex): Piece {
  const { file, pid } = encoded ?? video;
  const units = encoded?.units ?? video.units.slice(part.firstUnit, part.endUnit);
  const ranks = presentationRanks(units.map(({ pts }) => pts));
  return { file, pid, units, pts: ranks.map((rank) => shown[part.fromRank + rank]!) };
}

function methodOf(
  parts: readonly CutPart[],
  toEncode: readonly CutPart[],
): Pick<CutResult, 'method' | 'reason'> {
  if (toEncode.length === 0) return { method: 'copied' };
  if (toEncode.length < parts.length) return { method: 'smart' };
  return { method: 'reencoded', reason: 'the segment holds no IDR picture to copy from' };
}

/** Whether the pictures that the parts need can be copied, and how to encode pictures like them. */
function qualify(video: VideoIndex, parts: readonly CutPart[]) {
  const first = Math.min(...parts.map(({ firstUnit }) => firstUnit));
  const end = Math.max(...parts.map(({ endUnit }) => endUnit));
  const used = video.units.slice(first, end);
  const sets = parameterSetsOf(used);
  const [spsBytes, ...others] = sets.sps.values();
  if (!spsBytes || others.length > 0) {
    throw new NotCopyableError('the segment has not exactly one sequence parameter set');
  }
  const parameters = sequenceParameters(spsBytes);
  assertEncodable(parameters);
  const copy = parts.find(({ kind }) => kind === 'copy');
  const copyStart = copy && video.units[copy.firstUnit]!;
  if (copyStart && (copyStart.sps.length < 1 || copyStart.pps.length < sets.pps.size)) {
    throw new NotCopyableError('the first IDR picture lacks its parameter sets');
  }
  const reorderFrames = parameters.reorderFrames ?? reorderDelay(video.units.map(({ pts }) => pts));
  const encoder = encodeLike(parameters, reorderFrames, freeId(sets));
  return { parameters, encoder };
}

function assertFits(source: SequenceParameters, encoded: readonly VideoIndex[]): void {
  const made = encoded.flatMap(({ units }) => [...parameterSetsOf(units).sps.values()]);
  assertOneTrack([source, ...made.map(sequenceParameters)]);
}
