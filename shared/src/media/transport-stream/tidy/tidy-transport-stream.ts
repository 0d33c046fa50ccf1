import { type FileHandle, open } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { NotCopyableError, UntidyStreamError } from '../../not-copyable.ts';
import type { AudioTrackChoice } from '../../output-options.ts';
import { readFully } from '../../source/read-fully.ts';
import type { Finding } from '../../warnings.ts';
import type { TsFile } from '../index-transport-stream.ts';
import { Resync } from './resync.ts';
import { Router } from './router.ts';
import { type Selected, type Selection, selectAnnounced, selectStreams } from './select-streams.ts';
import { Survey } from './survey.ts';

/** A transport stream that is not as plain as our index wants it. */
export interface UntidyStream {
  files: readonly TsFile[];
  /** Of several, the one to take. */
  audioTrack?: AudioTrackChoice;
  /** The beginnings of other chunks of the track, asked for where these hold no tables, or no first stream. */
  tables?: () => AsyncIterable<Buffer>;
}

export interface TidyStream {
  /** All that were taken whole as one, and the parts of neighbours beside it. */
  files: TsFile[];
  /** The one. */
  whole: string;
  findings: Finding[];
  /** Packets are missing. */
  hasGaps: boolean;
}

/**
 * Writes a transport stream anew that is as plain as can be: packets of 188 bytes of one video and one audio stream,
 * none of them twice, behind tables that hold for all of them. Chunks become one file, so that nothing spans them any
 * more. What is missing stays missing.
 * @param path of the n-th file to write
 * @throws UnreadableMediaError, or NotCopyableError when there is nothing to be found
 */
export async function tidyTransportStream(
  { files, audioTrack, tables }: UntidyStream,
  path: (n: number) => string,
  signal: AbortSignal,
): Promise<TidyStream> {
  const survey = new Survey();
  for await (const part of packetsOf(files, signal)) {
    if ('packets' in part) survey.packets(part.packets);
    else survey.beginFile();
  }
  const { selections, findings } = await selectWithHelp(survey, audioTrack, tables);
  const router = new Router(selections);
  const tidy: TsFile[] = [];
  let out: FileHandle | undefined;
  let skippedBytes = 0;
  try {
    for await (const part of packetsOf(files, signal)) {
      skippedBytes = part.skippedBytes;
      if ('packets' in part) {
        await out?.write(router.packets(part.packets));
        continue;
      }
      const { take } = part.file;
      const isOn = take === 'all' && tidy.at(-1)?.take === 'all';
      // Behind what is cut off, a jump of the counters tells what is lost.
      const jump = isOn ? 'at start' : 'always';
      const tables = router.beginFile(isOn && part.isAfterCut ? undefined : jump);
      if (isOn) continue;
      await out?.close();
      tidy.push({ path: path(tidy.length), take });
      out = await open(tidy.at(-1)!.path, 'w');
      await out.write(tables);
    }
  } finally {
    await out?.close();
  }
  if (skippedBytes > 0) findings.push(outOfStep(skippedBytes));
  const whole = tidy.find(({ take }) => take === 'all')!.path;
  return { files: tidy, whole, findings, hasGaps: router.hasGaps };
}

/**
 * The same for the beginning of a chunk in memory.
 * @returns nothing where it holds no tables
 * @throws UntidyStreamError where it does not tell which streams are used
 */
export function tidyBeginning(
  beginning: Buffer,
  audioTrack?: AudioTrackChoice,
): Buffer | undefined {
  const survey = new Survey();
  survey.packets(inStep(beginning));
  const selected = selectStreams(survey, audioTrack);
  if (!isUseful(selected)) return undefined;
  const announced = selectAnnounced(survey, audioTrack);
  const first = survey.lists[0]?.told[0]?.program;
  const isDescribed = survey.maps.some(({ told }) => told.program === first);
  if (!isDescribed || !isSame(selected, announced, leading)) {
    throw new UntidyStreamError('a stream that is listed first does not come first');
  }
  const router = new Router(selected.selections);
  return Buffer.concat([router.beginFile('always'), router.packets(inStep(beginning))]);
}

/** The whole packets in some bytes. */
function inStep(bytes: Buffer): Buffer {
  const resync = new Resync();
  resync.beginFile(true);
  // A copy: what is selected is written over it.
  return Buffer.concat([resync.push(bytes), resync.endFile()]);
}

async function selectWithHelp(
  survey: Survey,
  audioTrack: AudioTrackChoice | undefined,
  tables: UntidyStream['tables'],
): Promise<Selected> {
  const own = selectStreams(survey, audioTrack);
  if (isUseful(own)) return compared(own, survey, audioTrack, tables);
  for await (const beginning of tables?.() ?? []) {
    survey.borrow(inStep(beginning));
    const borrowed = selectStreams(survey, audioTrack);
    if (isUseful(borrowed)) return borrowed;
  }
  throw new NotCopyableError('there is neither video nor sound in the transport stream');
}

/** What tells the time. */
const leading = ({ video, audio }: Selection) => [(video ?? audio)?.pid];

const both = ({ video, audio }: Selection) => [video?.pid, audio?.pid];

function isSame(one: Selected, other: Selected, pids: (told: Selection) => unknown[]): boolean {
  const all = ({ selections }: Selected) => selections.map(({ told }) => pids(told));
  return isDeepStrictEqual(all(one), all(other));
}

/** A stream that is silent here may be the one that other chunks use. */
async function compared(
  own: Selected,
  survey: Survey,
  audioTrack: AudioTrackChoice | undefined,
  tables: UntidyStream['tables'],
): Promise<Selected> {
  const announced = selectAnnounced(survey, audioTrack);
  if (isSame(own, announced, both)) return own;
  for await (const beginning of tables?.() ?? []) {
    survey.compare(inStep(beginning));
    const selected = selectStreams(survey, audioTrack);
    if (isSame(selected, announced, both)) return selected;
  }
  return selectStreams(survey, audioTrack);
}

const isUseful = ({ selections }: Selected) =>
  selections.some(({ told }) => told.video || told.audio);

const outOfStep = (bytes: number): Finding => ({
  code: 'DAMAGE_CONCEALED',
  message: `The chunks hold ${bytes} bytes that are no whole packets of a transport stream: they were left out. Package the episode again if something is missing.`,
});

const BLOCK_BYTES = 1 << 20;

type Part =
  /** @param isAfterCut whether the file before it was not all whole packets */
  | { file: TsFile; isAfterCut: boolean; skippedBytes: number }
  | { packets: Buffer; skippedBytes: number };

/** Files, each with its packets behind it, and how many bytes were none so far. */
async function* packetsOf(files: readonly TsFile[], signal: AbortSignal): AsyncGenerator<Part> {
  const resync = new Resync();
  const part = (packets: Buffer) => ({ packets, skippedBytes: resync.skippedBytes });
  for (const file of files) {
    const isAfterCut = resync.isCut;
    resync.beginFile(file.take === 'all');
    yield { file, isAfterCut, skippedBytes: resync.skippedBytes };
    const handle = await open(file.path, 'r');
    try {
      for (let at = 0; ; ) {
        const block = await readFully(handle, Buffer.allocUnsafe(BLOCK_BYTES), at);
        signal.throwIfAborted();
        at += block.length;
        yield part(resync.push(block));
        if (block.length < BLOCK_BYTES) break;
      }
      yield part(resync.endFile());
    } finally {
      await handle.close();
    }
  }
  resync.end();
  yield part(Buffer.alloc(0));
}
