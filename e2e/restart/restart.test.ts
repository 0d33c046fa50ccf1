import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ListArchivesCommand,
  ListRulesCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

const CLIPS = [
  {
    clipId: 'good',
    segments: [
      { startTime: 2, endTime: 3 },
      { startTime: 8, endTime: 9 },
    ],
  },
  { clipId: 'bad', segments: [{ startTime: 99, endTime: 100 }] },
];
const ASKED = [
  { startMs: 2_000, endMs: 3_000 },
  { startMs: 8_000, endMs: 9_000 },
];

const folder = mkdtempSync(join(tmpdir(), 'splicebus-restart-'));
const stateDir = join(folder, 'state');
let splicebus: Splicebus;
let executionId: string;
const beganAt = new Date();

beforeAll(async () => {
  splicebus = await startSplicebus({ stateDir });
  await splicebus.ingest('plain');
  executionId = await splicebus.makeClips('plain', CLIPS);
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

async function restart(): Promise<void> {
  await splicebus.stop();
  splicebus = await startSplicebus({ stateDir });
}

/** All that anybody could see of the two clips. */
async function everything() {
  const { ttl: _, ...execution } = { ttl: 0, ...(await splicebus.execution(executionId)) };
  return {
    good: await splicebus.clip('plain', 'good'),
    bad: await splicebus.clip('plain', 'bad'),
    execution,
    keys: await splicebus.keys('plain/clips/'),
    file: readFileSync(splicebus.clipPath('plain', 'good')),
  };
}

/** Replays what happened since the test began; to all rules, or to those named. */
async function replay(name: string, ruleArns?: string[]): Promise<void> {
  const { events } = splicebus.clients;
  const { Archives } = await events.send(new ListArchivesCommand({}));
  const archive = Archives?.find(({ ArchiveName }) => ArchiveName === 'splicebus-dev');
  const home = `arn:aws:events:us-east-1:000000000000`;
  await events.send(
    new StartReplayCommand({
      ReplayName: name,
      EventSourceArn: `${home}:archive/${archive!.ArchiveName}`,
      EventStartTime: beganAt,
      EventEndTime: new Date(Date.now() + 1_000),
      Destination: {
        Arn: `${home}:event-bus/${splicebus.stack.busName}`,
        ...(ruleArns && { FilterArns: ruleArns }),
      },
    }),
  );
  await splicebus.replayed(name);
}

const replayed = (name: string) =>
  splicebus.events.all.filter((event) => event['replay-name'] === name);

describe('a stack that is started again', () => {
  it('still has records, files and executions', async () => {
    const before = await everything();
    await restart();
    expect(await everything()).toEqual(before);
    expect(await splicebus.judge('plain', 'good', ASKED)).toMatchObject({ faults: [] });
  });

  it('replays its archive to every rule but the first, and nothing changes', async () => {
    const { Rules = [] } = await splicebus.clients.events.send(
      new ListRulesCommand({ EventBusName: splicebus.stack.busName }),
    );
    const others = Rules.filter(({ EventPattern }) => !EventPattern?.includes('Begin Clip Gen'));
    expect(others).toHaveLength(Rules.length - 1);
    const before = await everything();
    await replay(
      'all-but-the-request',
      others.map(({ Arn }) => Arn!),
    );
    expect(replayed('all-but-the-request').length).toBeGreaterThan(10);
    expect(await everything()).toEqual(before);
  });

  it('replays everything, request included: the clips are made anew, as a new execution', async () => {
    const before = await everything();
    await replay('everything');
    const good = await splicebus.clip('plain', 'good');
    expect(good).toMatchObject({ status: 'Generation Complete' });
    expect(good?.executionId).not.toBe(executionId);
    expect(good?.statusHistory.filter((entry) => entry.executionId === executionId)).toEqual(
      before.good?.statusHistory,
    );
    expect(await splicebus.execution(good!.executionId)).toMatchObject({
      status: 'failed',
      processedClips: 1,
      failedClips: 1,
    });
    expect((await everything()).execution).toEqual(before.execution);
    expect(before.keys).toEqual(splicebus.finishedKeys('plain', 'good', executionId));
    expect(await splicebus.keys('plain/clips/')).toEqual(
      splicebus.finishedKeys('plain', 'good', good!.executionId),
    );
    expect(await splicebus.judge('plain', 'good', ASKED)).toMatchObject({ faults: [] });
  });
});

describe('a stack that is stopped in the middle of its work', () => {
  const segments = [2, 5, 8, 11, 14, 17].map((startTime) => ({
    startTime,
    endTime: startTime + 1,
  }));
  const asked = segments.map(({ startTime }) => ({
    startMs: startTime * 1000,
    endMs: (startTime + 1) * 1000,
  }));

  it.each([
    ['while segments are cut', 'SegmentExtracted'],
    ['while the clip is stitched', 'StitchRequested'],
    ['before anything has begun', 'Begin Clip Generation'],
  ])('%s finishes it after the next start', async (clipId, moment) => {
    const id = clipId.replaceAll(' ', '-');
    const reached = splicebus.events.first(
      (event) => event['detail-type'] === moment && JSON.stringify(event.detail).includes(id),
    );
    const execution = await splicebus.begin({
      tenantId: TENANT_ID,
      episodeId: 'plain',
      clips: [{ clipId: id, segments }],
    });
    await reached;
    await restart();
    expect(await splicebus.finished(execution)).toMatchObject({
      status: 'completed',
      processedClips: 1,
    });
    expect(await splicebus.judge('plain', id, asked)).toMatchObject({ exact: true, faults: [] });
    expect(await splicebus.keys(`plain/clips/${id}/`)).toEqual(
      splicebus.finishedKeys('plain', id, execution),
    );
  });
});
