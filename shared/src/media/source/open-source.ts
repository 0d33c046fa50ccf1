import { open } from 'node:fs/promises';
import { PermanentError } from '../../errors.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { isMediaProblem } from '../media-problem.ts';
import { indexFragmentedMp4 } from '../mp4/index-fragmented-mp4.ts';
import { chooseAudioTrack } from '../mp4/tracks/choose-track.ts';
import { readInitialization } from '../mp4/tracks/initialization.ts';
import { NotCopyableError, UnreadableMediaError } from '../not-copyable.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import { indexPackedAudio } from '../packed-audio/index-packed-audio.ts';
import { foreignInput } from './foreign-input.ts';
import { foreignSound, foreignSource, sourceOf } from './foreign-source.ts';
import type { ByteSpan, ParameterSetList } from './media-index.ts';
import { openTransportStream } from './open-transport-stream.ts';
import { type Container, sniffContainer } from './sniff-container.ts';
import type { Source } from './source.ts';

/** A piece of a chunk that is read for its sound only. */
export interface SoundPiece {
  path: string;
  /** The only place of it where there is something, in fragmented MP4; absent: there is something everywhere. */
  sound?: ByteSpan;
}

/** Chunks on local disk that follow each other on one clock. */
export interface SourceFiles {
  /** Of several audio tracks, the one to take; absent: the first. */
  audioTrack?: AudioTrackChoice;
  /** Names the source within the work. */
  name: string;
  /** fMP4's initialization section. */
  init?: string;
  chunks: readonly string[];
  /** Of the neighbouring chunks. */
  soundBefore?: SoundPiece;
  soundAfter?: SoundPiece;
  /** The beginnings of other chunks of the track, for transport streams whose own chunks hold no tables. */
  tables?: () => AsyncIterable<Buffer>;
  /** The parameter sets that the run begins with, for transport streams whose own chunks do not repeat them. */
  initialSets?: ParameterSetList;
}

/**
 * Looks into chunks. As a rule that takes no process: only what our own index cannot read is repacked, or
 * else left to FFmpeg.
 * @throws PermanentError `CHUNK_UNDECODABLE`
 */
export async function openSource(files: SourceFiles, work: MediaWork): Promise<Source> {
  const container = await containerOf(files);
  try {
    if (container === 'mpegts') return await openTransportStream(files, work);
    if (container === 'packed-audio') {
      const index = await indexPackedAudio(files.chunks, work.signal);
      return sourceOf(index, container);
    }
    return await openFragments(files, work);
  } catch (error) {
    if (error instanceof UnreadableMediaError) {
      const reason = `${error.message}: ${error.advice}`;
      throw undecodable(reason, error);
    }
    if (error instanceof NotCopyableError && container === 'packed-audio') {
      throw undecodable(error.message, error);
    }
    throw error;
  }
}

async function containerOf({ init, chunks }: SourceFiles): Promise<Container> {
  const handle = await open(init ?? chunks[0]!, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0);
    const container = sniffContainer(buffer.subarray(0, bytesRead));
    // What cannot be told may still be a transport stream with rubbish in front: FFmpeg resynchronises.
    return container ?? 'mpegts';
  } finally {
    await handle.close();
  }
}

async function openFragments(files: SourceFiles, work: MediaWork): Promise<Source> {
  const { init, chunks, soundBefore, soundAfter, audioTrack } = files;
  const piece = (one?: SoundPiece) => (one ? [{ ...one, take: 'sound' as const }] : []);
  const all = chunks.map((path) => ({ path, take: 'all' as const }));
  const parts = [...piece(soundBefore), ...all, ...piece(soundAfter)];
  const input = async (audioTrackId?: number) => ({
    ...(await foreignInput(files.name, init ? [init, ...chunks] : chunks, 'mov', work)),
    ...(audioTrackId === undefined ? {} : { audio: `i:${audioTrackId}` }),
  });
  try {
    if (!init) throw new NotCopyableError('there is no initialization section (EXT-X-MAP)');
    const index = await indexFragmentedMp4(init, parts, work.signal, audioTrack);
    const isForeign = index.hasForeignSound === true;
    if (isForeign && !index.pictures) throw new NotCopyableError('only FFmpeg reads the audio');
    const audio = () => input(index.audioTrackId);
    return sourceOf(index, 'fmp4', isForeign ? await foreignSound(audio, work) : {});
  } catch (error) {
    if (error instanceof UnreadableMediaError || !isMediaProblem(error)) throw error;
    const chosen = init ? await chosenTrack(init, audioTrack) : undefined;
    const source = await foreignSource('fmp4', await input(chosen?.id), error.message, work);
    const findings = [...(chosen?.findings ?? []), ...(source.findings ?? [])];
    return findings.length > 0 ? { ...source, findings } : source;
  }
}

/** The audio track that FFmpeg must take, where that is not the first, and what is to be said of it. */
async function chosenTrack(init: string, audioTrack?: AudioTrackChoice) {
  const { tracks } = await readInitialization(init).catch(() => ({ tracks: [] }));
  const { track, isFirst, findings } = chooseAudioTrack(tracks, audioTrack);
  return { id: isFirst ? undefined : track?.id, findings };
}

const undecodable = (reason: string, cause: unknown) =>
  new PermanentError('CHUNK_UNDECODABLE', `The chunks cannot be read: ${reason}.`, { cause });
