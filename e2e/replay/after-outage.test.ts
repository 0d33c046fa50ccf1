import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SegmentRequested } from '#shared/events/segment-requested';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { disableRule, enableRule } from './rules.ts';
import { dryRun, rowOf, WAYS } from './ways.ts';
import { askedFor, everything, nextSecond, workOf } from './world.ts';

const RULE = 'splicebus-extractor-dev-segmentRequested-rule-1';
const SEGMENTS = [2, 8, 14].map((startTime) => ({ startTime, endTime: startTime + 1 }));
const ASKED = askedFor(SEGMENTS);
const WAIT = { timeout: 60_000, interval: 50 };

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
});
afterAll(() => splicebus?.stop());

describe.each(WAYS)('$way after an outage of the extractor', ({ id, isMissing, replay }) => {
  let from: string;
  /** Ended before the outage. */
  let before: string;
  /** Begun while it lasted. */
  let during: string;

  beforeAll(async () => {
    from = await nextSecond();
    before = await splicebus.makeClips('plain', [{ clipId: `${id}-before`, segments: SEGMENTS }]);
    await disableRule(splicebus, RULE);
    during = await splicebus.begin({
      tenantId: TENANT_ID,
      episodeId: 'plain',
      clips: [{ clipId: `${id}-during`, segments: SEGMENTS }],
    });
    await vi.waitFor(async () => expect(await splicebus.execution(during)).toBeDefined(), WAIT);
    await splicebus.stack.idle();
  });

  it.skipIf(isMissing)('the dry run knows that nobody would cut anything', async () => {
    const printed = await dryRun(splicebus, '--from', from, '--event', 'SegmentRequested');
    expect(printed).toContain(`The rule ${RULE} is disabled: it gets nothing.`);
    expect(rowOf(printed, during)).toEqual({
      status: 'running',
      would: 'nothing',
      what: `still missing: ${id}-during: 3 of 3 segments (segmentIndex 0, 1, 2)`,
    });
  });

  it.skipIf(isMissing)('finishes what is left, and does nothing twice', async () => {
    await enableRule(splicebus, RULE);
    await extractOne(1);
    const old = await everything(splicebus);
    const printed = await dryRun(splicebus, '--from', from, '--event', 'SegmentRequested');
    expect(rowOf(printed, before)).toEqual({ status: 'completed', would: 'nothing', what: '' });
    expect(rowOf(printed, during)).toEqual({
      status: 'running',
      would: 'finish',
      what: `${id}-during: 2 of 3 segments (segmentIndex 0, 2)`,
    });
    expect(await everything(splicebus)).toEqual(old);

    await replay(splicebus, { from, name: `${id}-segments`, event: 'SegmentRequested' });
    expect(await splicebus.finished(during)).toMatchObject({
      status: 'completed',
      processedClips: 1,
    });
    expect(await splicebus.judge('plain', `${id}-during`, ASKED)).toMatchObject({
      exact: true,
      faults: [],
    });
    expect(workOf(splicebus, before)).toEqual({ cut: 3, stitched: 1 });
    expect(workOf(splicebus, during)).toEqual({ cut: 3, stitched: 1 });
    const after = await everything(splicebus);
    const untouched = Object.keys(old.items).filter((key) => key.includes(`${id}-before`));
    expect(untouched.length).toBeGreaterThan(4);
    for (const key of untouched) expect(after.items[key]).toEqual(old.items[key]);
  });

  it.skipIf(isMissing)('leaves nothing to do for the next replay', async () => {
    const old = await everything(splicebus);
    const printed = await dryRun(splicebus, '--from', from, '--event', 'SegmentRequested');
    expect(rowOf(printed, during)).toEqual({ status: 'completed', would: 'nothing', what: '' });
    await replay(splicebus, { from, name: `${id}-again`, event: 'SegmentRequested' });
    expect(await everything(splicebus)).toEqual(old);
  });

  /** One of the segments is cut before the replay comes to it. */
  async function extractOne(segmentIndex: number): Promise<void> {
    const request = splicebus.events
      .ofExecution(during)
      .find(
        (event) =>
          event['detail-type'] === 'SegmentRequested' && event.detail.segmentIndex === segmentIndex,
      );
    const detail = request!.detail as unknown as (typeof SegmentRequested)['example'];
    await splicebus.put('nullcheck.clips.trigger', 'SegmentRequested', detail);
    await vi.waitFor(() => expect(workOf(splicebus, during).cut).toBe(1), WAIT);
    await splicebus.stack.idle();
  }
});
