import { PermanentError } from '../../errors.ts';
import { MediaToolError, stopped } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { Demuxer, FrameIndex } from '../source/frame-index.ts';
import type { WantedFrames } from '../source/wanted-frames.ts';
import { reencodeSegment } from './reencode-segment.ts';
import { smartCut } from './smart-cut.ts';

export interface CutRequest {
  /** The chunks, joined byte by byte. */
  source: string;
  demuxer: Demuxer;
  /** The index of `source`, which `wanted` came from. */
  index: FrameIndex;
  wanted: WantedFrames;
  hasAudio: boolean;
  /** Existing folder for the files to be made. */
  folder: string;
}

/** How the pictures came into the segment: all copied, some encoded at the ends, or all encoded. */
export type CutMethod = 'copied' | 'smart' | 'reencoded';

export interface CutResult {
  /** H.264 in MPEG-TS, one access unit to a PES packet, with its own parameter sets. */
  videoFile: string;
  /** FLAC, 48 kHz stereo, as long as the picture. */
  audioFile?: string;
  method: CutMethod;
  /** Why nothing could be copied, where the method is `reencoded`. */
  reason?: string;
  /** How many of the frames were encoded. */
  framesEncoded: number;
  ffmpegMs: number;
}

/**
 * Cuts one segment to the frame. Pictures are copied where that is exact; what is unclear about the source
 * makes it be encoded, never guessed.
 * @throws PermanentError `CHUNK_UNDECODABLE`, or TransientError `ABORTED` when the signal fired
 */
export async function cutSegment(request: CutRequest, signal: AbortSignal): Promise<CutResult> {
  try {
    return await smartCut(request, signal);
  } catch (error) {
    if (signal.aborted) throw stopped();
    if (!(error instanceof NotCopyableError) && !(error instanceof MediaToolError)) throw error;
    return { ...(await reencoded(request, signal)), reason: error.message };
  }
}

async function reencoded(request: CutRequest, signal: AbortSignal): Promise<CutResult> {
  try {
    return await reencodeSegment(request, signal);
  } catch (error) {
    if (!(error instanceof MediaToolError)) throw error;
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The chunks of the segment cannot be decoded (${error.lastLines}): package the episode again.`,
      { cause: error },
    );
  }
}
