import { join } from 'node:path';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import type { MediaToolError } from '../ffmpeg/run.ts';
import { isMediaProblem } from '../media-problem.ts';
import {
  NotCopyableError,
  UnreadableMediaError,
  UntidyStreamError,
  UnusualPackingError,
} from '../not-copyable.ts';
import { indexTransportStream, type TsFile } from '../transport-stream/index-transport-stream.ts';
import { tidyTransportStream } from '../transport-stream/tidy/tidy-transport-stream.ts';
import type { Finding } from '../warnings.ts';
import { type ForeignInput, foreignInput, inputForeign } from './foreign-input.ts';
import { foreignSound, foreignSource, sourceOf } from './foreign-source.ts';
import type { MediaIndex } from './media-index.ts';
import type { SoundPiece, SourceFiles } from './open-source.ts';
import type { Source } from './source.ts';

/** A transport stream in the form it has come to. */
interface Form {
  files: readonly TsFile[];
  /** What of them FFmpeg would read. */
  whole: readonly string[];
  findings: readonly Finding[];
  isTidy: boolean;
}

type Problem = NotCopyableError | MediaToolError;

/**
 * Opens a transport stream: as it lies there; or else with its packets put in order; or else as FFmpeg packs it; or
 * else, what FFmpeg reads of it.
 * @throws UnreadableMediaError, or PermanentError `CHUNK_UNDECODABLE`
 */
export async function openTransportStream(files: SourceFiles, work: MediaWork): Promise<Source> {
  let form = formOf(files);
  let tried = await attempt(() => indexed(form, files, work));
  if ('source' in tried) return tried.source;
  // FFmpeg, too, must take the streams that we would take.
  const tidy = await tidied(files, work);
  if (tidy) {
    form = tidy.form;
    if (isForTidying(tried.problem, files)) tried = await attempt(() => indexed(form, files, work));
    if ('source' in tried) return tried.source;
    // What is missing is not to be seen any more behind FFmpeg.
    if (tidy.hasGaps) form = { ...form, findings: [...form.findings, LOST_SOMEWHERE] };
  }
  if (tried.problem instanceof UnusualPackingError) {
    tried = await attempt(() => repacked(form, tidy?.hasGaps ?? false, files, work));
    if ('source' in tried) return tried.source;
  }
  const source = await foreignSource(
    'mpegts',
    await inputOf(form, files, work),
    tried.problem.message,
    work,
  );
  return withFindings(source, form.findings);
}

async function attempt(
  open: () => Promise<Source>,
): Promise<{ source: Source } | { problem: Problem }> {
  try {
    return { source: await open() };
  } catch (error) {
    if (!isMediaProblem(error) || error instanceof UnreadableMediaError) throw error;
    return { problem: error };
  }
}

const isForTidying = (problem: Problem, { audioTrack }: SourceFiles) =>
  problem instanceof UntidyStreamError ||
  (problem instanceof UnusualPackingError && (problem.spansChunks || audioTrack !== undefined));

function formOf({ chunks, soundBefore, soundAfter }: SourceFiles): Form {
  const piece = (one?: SoundPiece) => (one ? [{ path: one.path, take: 'sound' as const }] : []);
  const all = chunks.map((path) => ({ path, take: 'all' as const }));
  return {
    files: [...piece(soundBefore), ...all, ...piece(soundAfter)],
    whole: chunks,
    findings: [],
    isTidy: false,
  };
}

/** @returns nothing where there is nothing to be found; FFmpeg may know better */
async function tidied(files: SourceFiles, work: MediaWork) {
  const { audioTrack, tables, name } = files;
  const path = (n: number) => join(work.folder, `${name}-tidy-${n}.ts`);
  const given = { files: formOf(files).files, audioTrack, tables };
  try {
    const tidy = await tidyTransportStream(given, path, work.signal);
    const { findings, hasGaps } = tidy;
    return { form: { files: tidy.files, whole: [tidy.whole], findings, isTidy: true }, hasGaps };
  } catch (error) {
    if (!(error instanceof NotCopyableError) || error instanceof UnreadableMediaError) throw error;
    return undefined;
  }
}

async function indexed(form: Form, files: SourceFiles, work: MediaWork): Promise<Source> {
  // Once put in order, there is only the audio that was asked for.
  const audioTrack = form.isTidy ? undefined : files.audioTrack;
  const { initialSets } = files;
  const index = await indexTransportStream(form.files, work.signal, { audioTrack, initialSets });
  return withFindings(await sourceFrom(index, form, files, work), form.findings);
}

async function sourceFrom(index: MediaIndex, form: Form, files: SourceFiles, work: MediaWork) {
  const input = () => inputOf(form, files, work);
  if (index.hasForeignSound && !index.pictures) {
    throw new NotCopyableError('only FFmpeg reads the audio');
  }
  const known = { timeline: index.foreignTimes, layout: files.foreignLayout };
  const foreign = index.hasForeignSound ? await foreignSound(input, known, work) : {};
  return sourceOf(index, 'mpegts', foreign);
}

/** The same pictures and sound in the plain packing of FFmpeg. */
async function repacked(
  form: Form,
  hasGaps: boolean,
  files: SourceFiles,
  work: MediaWork,
): Promise<Source> {
  const path = join(work.folder, `${files.name}-repacked.ts`);
  await work.ffmpeg([
    ...['-copyts', ...inputForeign(await inputOf(form, files, work))],
    ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-copyinkf'],
    ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', path],
  ]);
  const { initialSets } = files;
  const index = await indexTransportStream([{ path, take: 'all' }], work.signal, { initialSets });
  // Which of them are damaged is not to be seen any more.
  if (hasGaps) for (const unit of index.pictures?.units ?? []) unit.isDamaged = true;
  return withFindings(await sourceFrom(index, form, files, work), form.findings);
}

const inputOf = ({ whole }: Form, { name }: SourceFiles, work: MediaWork): Promise<ForeignInput> =>
  foreignInput(name, whole, 'mpegts', work);

function withFindings(source: Source, findings: readonly Finding[]): Source {
  const all = [...findings, ...(source.findings ?? [])];
  return all.length > 0 ? { ...source, findings: all } : source;
}

const LOST_SOMEWHERE: Finding = {
  code: 'DAMAGE_CONCEALED',
  message:
    'Packets are missing from the chunks: some frames or some audio may be damaged. Upload the chunks again if there is a whole copy.',
};
