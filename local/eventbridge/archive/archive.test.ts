import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelReplayCommand,
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteArchiveCommand,
  DescribeArchiveCommand,
  DescribeReplayCommand,
  ListArchivesCommand,
  ListReplaysCommand,
  ListRulesCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../index.ts';
import {
  archiveArn,
  busArn,
  entries,
  gate,
  QUEUE,
  ruleArn,
  startTestBridge,
  type TestBridge,
} from '../testing.ts';

const OTHER_QUEUE = `${QUEUE}-2`;
const EventPattern = '{"source": ["nullcheck.clips"]}';
const at = (second: number) => new Date(Date.UTC(2026, 0, 31, 12, 0, second));
const ids = (deliveries: Delivery[]) =>
  deliveries.map(({ payload }) => (payload as { id: string }).id);

describe('archives and replays', () => {
  let stateDir: string;
  let test: TestBridge;
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'eventbridge-'));
    test = await startTestBridge({ stateDir });
    await setUp();
  });
  afterEach(async () => {
    await test.close();
    await rm(stateDir, { recursive: true });
  });

  /** A bus with an archive, and two rules with a queue each; all through the API, so that it lasts. */
  async function setUp() {
    await test.client.send(new CreateEventBusCommand({ Name: 'clips' }));
    await test.client.send(
      new CreateArchiveCommand({ ArchiveName: 'all', EventSourceArn: busArn('clips') }),
    );
    for (const [rule, Arn] of Object.entries({ one: QUEUE, two: OTHER_QUEUE })) {
      await test.client.send(
        new PutRuleCommand({ Name: rule, EventBusName: 'clips', EventPattern }),
      );
      await test.client.send(
        new PutTargetsCommand({ Rule: rule, EventBusName: 'clips', Targets: [{ Id: 'q', Arn }] }),
      );
    }
  }

  const put = (numbers: number[], more = {}) =>
    test.client.send(new PutEventsCommand({ Entries: entries('clips', numbers, more) }));

  const startReplay = (more: object = {}) =>
    test.client.send(
      new StartReplayCommand({
        ReplayName: 'again',
        EventSourceArn: archiveArn('all'),
        EventStartTime: at(0),
        EventEndTime: at(59),
        Destination: { Arn: busArn('clips') },
        ...more,
      }),
    );

  const replayState = async () =>
    (await test.client.send(new DescribeReplayCommand({ ReplayName: 'again' }))).State;

  async function restart() {
    await test.close();
    test = await startTestBridge({ stateDir });
  }

  it('keeps what matches, on the disk before PutEvents answers', async () => {
    const pattern = '{"detail": {"n": [{"numeric": [">", 1]}]}}';
    await test.client.send(
      new CreateArchiveCommand({
        ArchiveName: 'some',
        EventSourceArn: busArn('clips'),
        EventPattern: pattern,
        RetentionDays: 30,
      }),
    );
    await put([1, 2, 3]);
    const file = await readFile(join(stateDir, 'archives', 'some.jsonl'), 'utf8');
    const kept = file.split('\n').filter((line) => line !== '');
    expect(kept.map((line) => JSON.parse(line).detail.n)).toEqual([2, 3]);
    expect(
      await test.client.send(new DescribeArchiveCommand({ ArchiveName: 'some' })),
    ).toMatchObject({
      ArchiveArn: archiveArn('some'),
      EventSourceArn: busArn('clips'),
      EventPattern: pattern,
      State: 'ENABLED',
      RetentionDays: 30,
      EventCount: 2,
      SizeBytes: Buffer.byteLength(file),
      CreationTime: expect.any(Date),
    });
  });

  it('lists and deletes archives', async () => {
    await put([1]);
    const { Archives } = await test.client.send(new ListArchivesCommand({ NamePrefix: 'a' }));
    expect(Archives).toMatchObject([{ ArchiveName: 'all', EventCount: 1 }]);
    await test.client.send(new DeleteArchiveCommand({ ArchiveName: 'all' }));
    await expect(readFile(join(stateDir, 'archives', 'all.jsonl'))).rejects.toThrow(/ENOENT/);
    await expect(
      test.client.send(new DescribeArchiveCommand({ ArchiveName: 'all' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('lets events expire, at once from sight and at the next start from the disk', async () => {
    const RetentionDays = 1;
    await test.client.send(
      new CreateArchiveCommand({
        ArchiveName: 'day',
        EventSourceArn: busArn('clips'),
        RetentionDays,
      }),
    );
    await put([1], { Time: at(0) });
    await put([2]);
    const count = async () =>
      (await test.client.send(new DescribeArchiveCommand({ ArchiveName: 'day' }))).EventCount;
    expect(await count()).toBe(1);
    await restart();
    expect(await count()).toBe(1);
    expect(await readFile(join(stateDir, 'archives', 'day.jsonl'), 'utf8')).not.toContain('"n":1');
  });

  it('replays what lies in the time range, in order of time, marked, untraced, and not archived again', async () => {
    for (const second of [30, 10, 20, 40]) {
      await put([second], { Time: at(second), TraceHeader: 'Root=1-0-0' });
    }
    await test.bridge.idle();
    const live = new Set(ids(test.delivered));
    test.delivered.length = 0;

    const started = await startReplay({ EventStartTime: at(10), EventEndTime: at(30) });
    expect(started).toMatchObject({ State: 'STARTING', ReplayStartTime: expect.any(Date) });
    await test.bridge.idle();

    expect(test.numbersAt(QUEUE)).toEqual([10, 20, 30]);
    expect(test.numbersAt(OTHER_QUEUE)).toEqual([10, 20, 30]);
    for (const { payload, traceHeader } of test.delivered) {
      expect(payload).toMatchObject({ 'replay-name': 'again', source: 'nullcheck.clips' });
      expect(traceHeader).toBeUndefined();
    }
    expect(ids(test.delivered).every((id) => live.has(id))).toBe(true);
    expect(
      await test.client.send(new DescribeReplayCommand({ ReplayName: 'again' })),
    ).toMatchObject({
      State: 'COMPLETED',
      EventSourceArn: archiveArn('all'),
      Destination: { Arn: busArn('clips') },
      EventStartTime: at(10),
      EventEndTime: at(30),
      EventLastReplayedTime: at(30),
      ReplayEndTime: expect.any(Date),
    });
    const archive = await test.client.send(new DescribeArchiveCommand({ ArchiveName: 'all' }));
    expect(archive.EventCount).toBe(4);
  });

  it('replays to the named rules only', async () => {
    await put([1], { Time: at(1) });
    await test.bridge.idle();
    test.delivered.length = 0;
    const FilterArns = [ruleArn('clips', 'two')];
    await startReplay({ Destination: { Arn: busArn('clips'), FilterArns } });
    await test.bridge.idle();
    expect(test.delivered.map(({ targetArn }) => targetArn)).toEqual([OTHER_QUEUE]);
  });

  it('cancels a running replay, and only that', async () => {
    await test.close();
    const target = gate();
    test = await startTestBridge({
      stateDir,
      deliver: async ({ payload }) => {
        if (Object.hasOwn(payload as object, 'replay-name')) await target.opened;
      },
    });
    for (let n = 0; n < 15; n++) await put(Array(10).fill(n), { Time: at(n) });
    await test.bridge.idle();
    test.delivered.length = 0;

    await startReplay();
    await expect.poll(replayState).toBe('RUNNING');
    const cancelled = await test.client.send(new CancelReplayCommand({ ReplayName: 'again' }));
    expect(cancelled).toMatchObject({ State: 'CANCELLING' });
    await expect.poll(replayState).toBe('CANCELLED');
    target.open();
    await test.bridge.idle();
    expect(test.numbersAt(QUEUE).length).toBeLessThan(150);
    await expect(
      test.client.send(new CancelReplayCommand({ ReplayName: 'again' })),
    ).rejects.toMatchObject({ name: 'IllegalStatusException' });
  });

  it('does not let a target that hangs stop a replay from closing', async () => {
    await test.close();
    test = await startTestBridge({
      stateDir,
      deliver: async ({ payload }) => {
        if ('replay-name' in (payload as object)) await new Promise(() => {});
      },
    });
    await put([1], { Time: at(1) });
    await startReplay();
    await expect.poll(replayState).toBe('RUNNING');
    await restart();
    const replay = await test.client.send(new DescribeReplayCommand({ ReplayName: 'again' }));
    expect(replay).toMatchObject({
      State: 'FAILED',
      StateReason: expect.stringMatching(/stopped/),
    });
  });

  it.each([
    ['an absent archive', { EventSourceArn: archiveArn('none') }, /Archive none does not exist/],
    ['another bus', { Destination: { Arn: busArn('default') } }, /Cross event bus/],
    ['no time between the ends', { EventEndTime: at(0) }, /must be before/],
    [
      'a rule of another bus',
      { Destination: { Arn: busArn('clips'), FilterArns: [ruleArn('x', 'one')] } },
      /no rule of the event bus/,
    ],
  ])('refuses to replay %s', async (_name, input, message) => {
    await expect(startReplay(input)).rejects.toThrow(message);
  });

  it('finds all of it again after a restart', async () => {
    await put([1, 2], { Time: at(5) });
    await startReplay();
    await test.bridge.idle();
    // What templates made is made again at the next boot, or has gone from the templates.
    await test.bridge.putRule({ Name: 'templated', EventBusName: 'clips', EventPattern });
    await restart();

    const { Rules } = await test.client.send(new ListRulesCommand({ EventBusName: 'clips' }));
    expect(Rules?.map(({ Name }) => Name)).toEqual(['one', 'two']);
    const { Replays } = await test.client.send(new ListReplaysCommand({ State: 'COMPLETED' }));
    expect(Replays).toMatchObject([{ ReplayName: 'again', EventLastReplayedTime: at(5) }]);
    await expect(startReplay()).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });

    await startReplay({ ReplayName: 'once-more' });
    await test.bridge.idle();
    expect(test.numbersAt(QUEUE)).toEqual([1, 2]);
  });

  it('gives a template its archive back with the events in it', async () => {
    const archive = { ArchiveName: 'templated', EventSourceArn: busArn('clips') };
    await test.bridge.createArchive(archive);
    await put([1], { Time: at(5) });
    await restart();
    await test.bridge.createArchive(archive);
    await test.bridge.createArchive(archive);
    await startReplay({ EventSourceArn: archiveArn('templated') });
    await test.bridge.idle();
    expect(test.numbersAt(QUEUE)).toEqual([1]);
  });

  it('says so when its state file is broken, instead of starting empty', async () => {
    await test.close();
    await writeFile(join(stateDir, 'eventbridge.json'), '{"buses": [');
    await expect(startTestBridge({ stateDir })).rejects.toThrow(/eventbridge\.json is damaged/);
    await rm(join(stateDir, 'eventbridge.json'));
    test = await startTestBridge({ stateDir });
  });
});
