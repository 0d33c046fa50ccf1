import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { disableRule, enableRule } from './rules.ts';
import { dryRun, replayCommand, rowOf } from './ways.ts';
import { askedFor, everything, nextSecond, workOf } from './world.ts';

const SEGMENTS = [2, 8].map((startTime) => ({ startTime, endTime: startTime + 1 }));
const ASKED = askedFor(SEGMENTS);
const WAIT = { timeout: 60_000, interval: 50 };

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
});
afterAll(() => splicebus?.stop());

/** How far a clip comes, which events are missed then, and what the dry run says of it. */
const OUTAGES = [
  {
    outage: 'the counter',
    rule: 'splicebus-stitcher-dev-segmentExtracted-rule-1',
    event: 'SegmentExtracted',
    work: { cut: 2, stitched: 0 },
    row: { status: 'running', would: 'finish', what: 'counter: the count' },
  },
  {
    outage: 'the stitcher',
    rule: 'splicebus-stitcher-dev-stitchRequested-rule-1',
    event: 'StitchRequested',
    work: { cut: 2, stitched: 0 },
    row: { status: 'running', would: 'finish', what: 'stitcher: the stitch' },
  },
  {
    // Who missed everything has no execution to show. No rule names this event: all others come with it.
    outage: 'the status',
    rule: 'splicebus-status-dev-clipEvent-rule-1',
    event: 'ClipStitched',
    work: { cut: 2, stitched: 1 },
    row: {},
  },
];

it.each(OUTAGES)('after an outage of $outage, $event finishes the clip', async (outage) => {
  const clipId = outage.outage.replace('the ', '');
  const from = await nextSecond();
  await disableRule(splicebus, outage.rule);
  const executionId = await splicebus.begin({
    tenantId: TENANT_ID,
    episodeId: 'plain',
    clips: [{ clipId, segments: SEGMENTS }],
  });
  await vi.waitFor(() => expect(workOf(splicebus, executionId)).toEqual(outage.work), WAIT);
  await splicebus.stack.idle();
  await enableRule(splicebus, outage.rule);

  const before = await everything(splicebus);
  const printed = await dryRun(splicebus, '--from', from, '--event', outage.event);
  expect(rowOf(printed, executionId)).toEqual(outage.row);
  expect(await everything(splicebus)).toEqual(before);

  const args = ['--from', from, '--event', outage.event];
  expect(await replayCommand(splicebus, ...args)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await splicebus.finished(executionId)).toMatchObject({
    status: 'completed',
    processedClips: 1,
  });
  expect(workOf(splicebus, executionId)).toEqual({ cut: 2, stitched: 1 });
  expect(await splicebus.judge('plain', clipId, ASKED)).toMatchObject({ exact: true, faults: [] });
});
