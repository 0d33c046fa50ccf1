import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '../../errors.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { MediaToolError } from '../ffmpeg/run.ts';
import { indexFragmentedMp4 } from '../mp4/index-fragmented-mp4.ts';
import { NotCopyableError, UnusualPackingError } from '../not-copyable.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import { indexPackedAudio } from '../packed-audio/index-packed-audio.ts';
import { indexTransportStream } from '../transport-stream/index-transport-stream.ts';
import { type Demuxer, type ForeignInput, foreignInput, inputForeign } from './foreign-input.ts';
import type { ByteSpan, MediaIndex } from './media-index.ts';
import { probeSource } from './probe-source.ts';
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
}

/**
 * Looks into chunks. As a rule that takes no process: only what our own index cannot read is repacked, or
 * else left to FFmpeg.
 * @throws PermanentError `CHUNK_UNDECODABLE`
 */
export async function openSource(files: SourceFiles, work: MediaWork): Promise<Source> {
  const container = await containerOf(files);
  try {
    return await sourceOf(await indexed(container, files, work), container, files, work);
  } catch (error) {
    if (!(error instanceof NotCopyableError) && !(error instanceof MediaToolError)) throw error;
    if (container === 'packed-audio') throw undecodable(error.message, error);
    return foreignSource(container, files, error.message, work);
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

async function indexed(
  container: Container,
  files: SourceFiles,
  work: MediaWork,
): Promise<MediaIndex> {
  const { init, chunks, soundBefore, soundAfter } = files;
  if (container === 'packed-audio') return indexPackedAudio(chunks, work.signal);
  const piece = (one?: SoundPiece) => (one ? [{ ...one, take: 'sound' as const }] : []);
  const all = chunks.map((path) => ({ path, take: 'all' as const }));
  const parts = [...piece(soundBefore), ...all, ...piece(soundAfter)];
  if (container === 'fmp4') {
    if (!init) throw new NotCopyableError('there is no initialization section (EXT-X-MAP)');
    return indexFragmentedMp4(init, parts, work.signal);
  }
  try {
    return await indexTransportStream(parts, work.signal);
  } catch (error) {
    if (!(error instanceof UnusualPackingError)) throw error;
    return indexTransportStream([{ path: await repack(files, work), take: 'all' }], work.signal);
  }
}

/** The same pictures and sound in the plain packing of FFmpeg. */
async function repack(files: SourceFiles, work: MediaWork): Promise<string> {
  const repacked = join(work.folder, `${files.name}-repacked.ts`);
  await work.ffmpeg([
    ...['-copyts', ...inputForeign(await inputOf('mpegts', files, work))],
    ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-copyinkf'],
    ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', repacked],
  ]);
  return repacked;
}

async function sourceOf(
  index: MediaIndex,
  container: Container,
  files: SourceFiles,
  work: MediaWork,
): Promise<Source> {
  const { pictures, sound, hasForeignSound, findings } = index;
  return {
    container,
    ...(findings?.length ? { findings } : {}),
    ...(pictures ? { pictures: { track: pictures } } : {}),
    ...(sound ? { sound: { track: sound } } : {}),
    ...(hasForeignSound ? { sound: { input: await inputOf(container, files, work) } } : {}),
  };
}

async function foreignSource(
  container: Container,
  files: SourceFiles,
  reason: string,
  work: MediaWork,
): Promise<Source> {
  const input = await inputOf(container, files, work);
  const { timeline, size, format } = await probeSource(input, work);
  return {
    container,
    pictures: { input, timeline, size, format, reason },
    ...(timeline.sound ? { sound: { input } } : {}),
  };
}

function inputOf(container: Container, files: SourceFiles, work: MediaWork): Promise<ForeignInput> {
  const demuxer: Demuxer = container === 'fmp4' ? 'mov' : 'mpegts';
  const all = files.init ? [files.init, ...files.chunks] : files.chunks;
  return foreignInput(files.name, all, demuxer, work);
}

const undecodable = (reason: string, cause: unknown) =>
  new PermanentError('CHUNK_UNDECODABLE', `The chunks cannot be read: ${reason}.`, { cause });
