import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CUT_OPTIONS } from '#shared/events/cut-options';
import { makeMeta } from '#shared/events/follow';
import { EPISODE_SECONDS } from '../cut/cases.ts';
import { benchEpisode, bytesOf } from '../episodes/bench-episode.ts';
import { repeatedEpisode } from '../episodes/long-episode.ts';
import { MeasuredWorker } from '../measure/measured-worker.ts';
import { thisMachine } from '../report/machine.ts';
import { type EpisodeStack, startEpisodeStack } from './episode-stack.ts';
import { FolderSize } from './folder-size.ts';
import type { MemoryResults, MemoryStage } from './memory-results.ts';
import type { StageOutcome, StageTask } from './stage-worker.ts';

const SEGMENT_SECONDS = 3600;
const START_MS = 7_700;
/** More than 4 GB of it. */
const NEEDED_SECONDS = SEGMENT_SECONDS + 60;

const IDS = { tenantId: 'bench', episodeId: 'four-gigabytes', trackName: 'main' };

/**
 * Cuts an hour out of an episode of more than 4 GB with the code of the extractor, and stitches it with the
 * stitcher's, each in a process of its own against the embedded S3. Nothing of it stays.
 */
export async function benchMemory(): Promise<MemoryResults> {
  const short = await benchEpisode(EPISODE_SECONDS);
  const folder = await mkdtemp(join(tmpdir(), 'splicebus-bench-hour-'));
  try {
    console.log('Making an episode of more than an hour …');
    const episode = await repeatedEpisode(short, NEEDED_SECONDS, folder);
    const bytes = await bytesOf(episode);
    console.log('Starting the embedded stack and uploading the episode …');
    const stack = await startEpisodeStack(episode.playlistPath, IDS);
    try {
      return {
        machine: await thisMachine(),
        episode: { seconds: episode.seconds, bytes },
        segmentSeconds: SEGMENT_SECONDS,
        ...(await makeClip(stack)),
      };
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeClip(stack: EpisodeStack): Promise<Pick<MemoryResults, 'clip' | 'stages'>> {
  const request = {
    ...IDS,
    executionId: '0'.repeat(32),
    executionStartedAt: new Date().toISOString(),
    clipId: 'an-hour',
    segmentCount: 1,
    meta: makeMeta('bench', { correlationId: 'bench', causationId: 'bench' }),
    segmentIndex: 0,
    startMs: START_MS,
    endMs: START_MS + SEGMENT_SECONDS * 1000,
    options: DEFAULT_CUT_OPTIONS,
  };
  const extracting = await runStage({ stage: 'extract', request }, stack);
  const segment = extracting.result.segment!;
  const segmentBytes = await stack.segmentBytes({ ...request, segmentIndex: 0 });
  const stitch = { ...request, segments: [segment] };
  const stitching = await runStage({ stage: 'stitch', request: stitch }, stack);
  const { fileSizeBytes, receipt } = stitching.result.clip!;
  const { method = 'copied', framesEncoded, firstFrameError, lastFrameError } = receipt;
  const read = { inputBytes: segment.receipt.bytesRead, outputBytes: segmentBytes };
  const joined = { inputBytes: segmentBytes, outputBytes: fileSizeBytes };
  return {
    clip: { method, framesEncoded, firstFrameError, lastFrameError },
    stages: [
      { ...extracting.figures, ...read },
      { ...stitching.figures, ...joined },
    ],
  };
}

async function runStage(task: StageTask, { variables }: EpisodeStack) {
  const folder = await mkdtemp(join(tmpdir(), 'splicebus-bench-stage-'));
  const disk = new FolderSize(folder);
  console.log(`${task.stage} …`);
  const worker = await MeasuredWorker.start<StageTask, StageOutcome>(
    new URL('stage-worker.ts', import.meta.url),
    [],
    { env: { ...variables, TMPDIR: folder, TSX_DISABLE_CACHE: '1' }, onSample: () => disk.look() },
  );
  try {
    const { result, ...spent } = await worker.perform(task);
    const { wallMs } = result;
    const figures: Omit<MemoryStage, 'inputBytes' | 'outputBytes'> = {
      ...{ name: task.stage, wallMs, ...spent, diskPeakBytes: disk.peakBytes },
    };
    return { figures, result };
  } finally {
    await worker.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
