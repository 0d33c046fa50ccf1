import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClipRecord } from '#shared/clip/clip-record';
import type { ExecutionRecord } from '../../services/status/src/execution-store.ts';
import { isAboutDerived } from '../faults/checker/about-derived.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { dryRun, rowOf, WAYS } from './ways.ts';
import {
  askedFor,
  broughtBy,
  everything,
  nextSecond,
  replayedId,
  workOf,
  writerOf,
} from './world.ts';

const SEGMENTS = [
  { startTime: 2, endTime: 3 },
  { startTime: 8, endTime: 9 },
];
const ASKED = askedFor(SEGMENTS);
const BEGIN = 'Begin Clip Generation';

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
});
afterAll(() => splicebus?.stop());

const stepsOf = ({ statusHistory }: ClipRecord, executionId: string) =>
  statusHistory
    .filter((entry) => entry.executionId === executionId && !isAboutDerived(entry.event))
    .map(({ event, status }) => [event, status]);

describe.each(WAYS)('$way after success', ({ id, isMissing, replay }) => {
  let from: string;
  let first: string;
  let record: ClipRecord;
  let execution: ExecutionRecord;

  beforeAll(async () => {
    from = await nextSecond();
    // One of the two clips fails: failures are replayed, too.
    first = await splicebus.begin({
      tenantId: TENANT_ID,
      episodeId: 'plain',
      clips: [
        { clipId: id, segments: SEGMENTS },
        { clipId: `${id}-past-the-end`, segments: [{ startTime: 99, endTime: 100 }] },
      ],
    });
    execution = await splicebus.finished(first);
    record = (await splicebus.clip('plain', id))!;
  });

  it.skipIf(isMissing)('of all but the begin events changes nothing', async () => {
    const before = await everything(splicebus);
    const printed = await dryRun(splicebus, '--from', from, '--except', BEGIN);
    expect(rowOf(printed, first)).toEqual({ status: 'failed', would: 'nothing', what: '' });
    expect(await everything(splicebus)).toEqual(before);

    const name = `${id}-all-but-begin`;
    await replay(splicebus, { from, name, except: BEGIN });
    expect(broughtBy(splicebus, name).length).toBeGreaterThan(10);
    expect(await everything(splicebus)).toEqual(before);
  });

  /** What a replay of the begin event leads to, whatever other events come with it. */
  async function expectNewExecution(name: string): Promise<void> {
    const second = replayedId(splicebus, first, name);
    await splicebus.finished(second);
    expect(await splicebus.execution(first)).toEqual(execution);
    expect(await splicebus.execution(second)).toMatchObject({
      status: 'failed',
      processedClips: 1,
      failedClips: 1,
    });
    const after = (await splicebus.clip('plain', id))!;
    expect(after).toMatchObject({ executionId: second, status: 'Generation Complete' });
    expect(after.statusHistory.filter((entry) => entry.executionId === first)).toEqual(
      record.statusHistory.filter((entry) => entry.executionId === first),
    );
    expect(stepsOf(after, second)).toEqual(stepsOf(record, first));
    expect(workOf(splicebus, first)).toEqual({ cut: 2, stitched: 1 });
    expect(workOf(splicebus, second)).toEqual({ cut: 2, stitched: 1 });
    expect(after).toMatchObject({ derivedFrom: { executionId: second } });
    expect(await splicebus.keys(`plain/clips/${id}/`)).toEqual(
      splicebus.finishedKeys('plain', id, second),
    );
    expect(await writerOf(splicebus, 'plain', id)).toBe(second);
    expect(await splicebus.judge('plain', id, ASKED)).toMatchObject({ exact: true, faults: [] });
  }

  const REPROCESSED = {
    status: 'failed',
    would: 'reprocess',
    what: 'a new execution over 2 clips',
  };

  it.skipIf(isMissing)('of a begin event makes its clips anew: the newest wins', async () => {
    const before = await everything(splicebus);
    const printed = await dryRun(splicebus, '--from', from, '--event', BEGIN);
    expect(rowOf(printed, first)).toEqual(REPROCESSED);
    expect(await everything(splicebus)).toEqual(before);

    const name = `${id}-begin`;
    await replay(splicebus, { from, name, event: BEGIN });
    await expectNewExecution(name);
  });

  it.skipIf(isMissing)('of everything does just that, and repeats no stitch', async () => {
    const before = await everything(splicebus);
    const printed = await dryRun(splicebus, '--from', from);
    expect(rowOf(printed, first)).toEqual(REPROCESSED);
    // The archive does not hold the begin event that a replay has brought.
    const replayed = replayedId(splicebus, first, `${id}-begin`);
    expect(rowOf(printed, replayed)).toMatchObject({ would: 'nothing' });
    expect(await everything(splicebus)).toEqual(before);

    const name = `${id}-everything`;
    await replay(splicebus, { from, name });
    await expectNewExecution(name);
    const execution = await splicebus.execution(replayed);
    expect(execution).toEqual(before.items[`processing#${replayed} state`]);
    expect(workOf(splicebus, replayed)).toEqual({ cut: 2, stitched: 1 });
  });
});
