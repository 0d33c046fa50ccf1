import { open } from 'node:fs/promises';
import { PermanentError } from '../../errors.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { isMediaProblem } from '../media-problem.ts';
import { assertFilesTimed } from '../mp4/fragments/decode-times.ts';
import { indexFragmentedMp4 } from '../mp4/index-fragmented-mp4.ts';
import { chooseAudioTrack } from '../mp4/tracks/choose-track.ts';
import { readInitialization, type Track } from '../mp4/tracks/initialization.ts';
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
  /** The channel layout of audio that only FFmpeg reads, where it is known of some of the chunks: asking takes a process. */
  foreignLayout?: string;
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
  const { init, chunks, soundBefore, soundAfter, audioTrack, foreignLayout: layout } = files;
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
    const known = { timeline: index.foreignTimes, layout };
    return sourceOf(index, 'fmp4', isForeign ? await foreignSound(audio, known, work) : {});
  } catch (error) {
    if (error instanceof UnreadableMediaError || !isMediaProblem(error)) throw error;
    const { tracks } = await initialization(init);
    await assertTimed(chunks, tracks, work);
    const chosen = chosenTrack(tracks, audioTrack);
    const source = await foreignSource('fmp4', await input(chosen.id), error.message, work);
    const findings = [...chosen.findings, ...(source.findings ?? [])];
    return findings.length > 0 ? { ...source, findings } : source;
  }
}

const initialization = (init?: string) =>
  (init ? readInitialization(init) : Promise.resolve({ tracks: [] })).catch(() => ({ tracks: [] }));

/** FFmpeg would guess when chunks begin that do not tell. */
async function assertTimed(
  chunks: readonly string[],
  tracks: readonly Track[],
  { signal }: MediaWork,
): Promise<void> {
  try {
    await assertFilesTimed(chunks, tracks, signal);
  } catch (error) {
    if (error instanceof UnreadableMediaError || !isMediaProblem(error)) throw error;
  }
}

/** The audio track that FFmpeg must take, where that is not the first, and what is to be said of it. */
function chosenTrack(tracks: readonly Track[], audioTrack?: AudioTrackChoice) {
  const { track, isFirst, findings } = chooseAudioTrack(tracks, audioTrack);
  return { id: isFirst ? undefined : track?.id, findings };
}

const undecodable = (reason: string, cause: unknown) =>
  new PermanentError('CHUNK_UNDECODABLE', `The chunks cannot be read: ${reason}.`, { cause });
