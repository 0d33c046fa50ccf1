import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, hasAwsCli } from '../../testing/aws-cli.ts';
import { archiveArn, busArn, QUEUE, REGION, startTestBridge, type TestBridge } from '../testing.ts';

describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
  let stateDir: string;
  let test: TestBridge;
  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'eventbridge-'));
    test = await startTestBridge({ stateDir });
  });
  afterAll(async () => {
    await test.close();
    await rm(stateDir, { recursive: true });
  });

  async function aws(command: string, parameters: Record<string, unknown>) {
    const stdout = await awsCli(
      test.endpoint,
      ['events', command, '--cli-input-json', JSON.stringify(parameters)],
      { region: REGION },
    );
    return stdout === '' ? {} : JSON.parse(stdout);
  }

  it('puts events through rules and replays them', async () => {
    const EventBusName = 'clips';
    await aws('create-event-bus', { Name: EventBusName });
    await aws('create-archive', { ArchiveName: 'all', EventSourceArn: busArn(EventBusName) });
    await aws('put-rule', {
      Name: 'r',
      EventBusName,
      EventPattern: '{"source": ["nullcheck.clips"]}',
    });
    await aws('put-targets', { Rule: 'r', EventBusName, Targets: [{ Id: 'q', Arn: QUEUE }] });
    expect(await aws('list-rules', { EventBusName })).toMatchObject({
      Rules: [{ Name: 'r', State: 'ENABLED', EventBusName }],
    });

    const entry = { EventBusName, Source: 'nullcheck.clips', DetailType: 'Begin Clip Generation' };
    const put = await aws('put-events', {
      Entries: [{ ...entry, Detail: '{"n": 1}', Time: '2026-01-31T12:00:00Z' }, entry],
    });
    expect(put).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ EventId: expect.any(String) }, { ErrorCode: 'InvalidArgument' }],
    });

    const ReplayName = 'again';
    await aws('start-replay', {
      ReplayName,
      EventSourceArn: archiveArn('all'),
      EventStartTime: '2026-01-31T12:00:00Z',
      EventEndTime: '2026-01-31T12:00:01Z',
      Destination: { Arn: busArn(EventBusName) },
    });
    await test.bridge.idle();
    expect(await aws('describe-replay', { ReplayName })).toMatchObject({ State: 'COMPLETED' });
    expect(test.numbersAt(QUEUE)).toEqual([1, 1]);
    await expect(aws('describe-archive', { ArchiveName: 'none' })).rejects.toThrow(
      /ResourceNotFoundException/,
    );
  });
});
