import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { GatedFfmpeg } from './gated-ffmpeg.ts';
import { dryRun, replayCommand, rowOf } from './ways.ts';
import { askedFor, everything, nextSecond, replayedId, workOf, writerOf } from './world.ts';

const SEGMENTS = [
  { startTime: 2, endTime: 3 },
  { startTime: 8, endTime: 9 },
];
const ASKED = askedFor(SEGMENTS);
const WAIT = { timeout: 60_000, interval: 50 };

const folder = mkdtempSync(join(tmpdir(), 'splicebus-while-running-'));
const ffmpeg = new GatedFfmpeg(folder);
let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus({ hostEnvironment: { FFMPEG_PATH: ffmpeg.path } });
  await splicebus.ingest('plain');
});
afterAll(async () => {
  ffmpeg.open();
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

describe('a replay of everything while the first execution still runs', () => {
  let from: string;
  let first: string;
  let second: string;

  beforeAll(async () => {
    from = await nextSecond();
    ffmpeg.close();
    first = await splicebus.begin({
      tenantId: TENANT_ID,
      episodeId: 'plain',
      clips: [{ clipId: 'twice', segments: SEGMENTS }],
    });
    // One of its two segments is cut, the other waits inside FFmpeg.
    await vi.waitFor(() => expect(ffmpeg.isWaiting()).toBe(true), WAIT);
    await vi.waitFor(() => expect(workOf(splicebus, first).cut).toBe(1), WAIT);
    second = replayedId(splicebus, first, 'meanwhile');
  });

  it('is announced as a new execution beside the one that runs', async () => {
    const printed = await dryRun(splicebus, '--from', from);
    expect(rowOf(printed, first)).toEqual({
      status: 'running',
      would: 'reprocess and finish',
      what: 'a new execution over 1 clip',
    });
    expect(printed).toMatch(/twice: 1 of 2 segments \(segmentIndex [01]\)/);
  });

  it('makes the clip while the older execution waits', async () => {
    const ended = await replayCommand(splicebus, '--from', from, '--name', 'meanwhile');
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    await vi.waitFor(
      async () => expect(await splicebus.execution(second)).toMatchObject({ status: 'completed' }),
      WAIT,
    );
    expect(ffmpeg.isWaiting()).toBe(true);
    expect(await splicebus.execution(first)).toMatchObject({ status: 'running' });
    expect(await writerOf(splicebus, 'plain', 'twice')).toBe(second);
  });

  it('lets the older one end, which changes neither file nor status any more', async () => {
    const path = 'plain/clips/twice/clip.mp4';
    const fileOf = async () =>
      (await everything(splicebus)).objects.find(({ Key }) => Key === path);
    const file = await fileOf();
    ffmpeg.open();
    expect(await splicebus.finished(first)).toMatchObject({ status: 'completed' });
    expect(await fileOf()).toEqual(file);
    expect(await splicebus.judge('plain', 'twice', ASKED)).toMatchObject({ faults: [] });
    const record = await splicebus.clip('plain', 'twice');
    expect(record).toMatchObject({ executionId: second, status: 'Generation Complete' });
    const idsOf = record!.statusHistory.map(({ eventId }) => eventId);
    expect(new Set(idsOf).size).toBe(idsOf.length);
  });

  it('has both do everything once, and leaves no files of either', async () => {
    for (const executionId of [first, second]) {
      expect(workOf(splicebus, executionId)).toEqual({ cut: 2, stitched: 1 });
    }
    expect(await splicebus.keys('plain/clips/')).toEqual(
      splicebus.finishedKeys('plain', 'twice', second),
    );
  });
});

it('a cancellation is not replayed: it would hit the execution that is the newest now', async () => {
  const from = await nextSecond();
  const clip = { tenantId: TENANT_ID, episodeId: 'plain', clipId: 'wanted-again' };
  const begin = async () => {
    ffmpeg.close();
    const { clipId, ...rest } = clip;
    const id = await splicebus.begin({ ...rest, clips: [{ clipId, segments: SEGMENTS }] });
    await vi.waitFor(() => expect(ffmpeg.isWaiting()).toBe(true), WAIT);
    return id;
  };
  const cancelled = await begin();
  await splicebus.put('nullcheck.clips', 'Cancel Clip Generation', clip);
  await vi.waitFor(
    async () =>
      expect(await splicebus.clip('plain', clip.clipId)).toMatchObject({ status: 'Cancelled' }),
    WAIT,
  );
  ffmpeg.open();
  await splicebus.finished(cancelled);

  const wanted = await begin();
  const ended = await replayCommand(splicebus, '--from', from, '--event', 'Cancel Clip Generation');
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  ffmpeg.open();
  expect(await splicebus.finished(wanted)).toMatchObject({
    status: 'completed',
    processedClips: 1,
  });
  expect(await splicebus.clip('plain', clip.clipId)).toMatchObject({
    executionId: wanted,
    status: 'Generation Complete',
  });
});
