import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { busArn, entries, QUEUE, ruleArn, startTestBridge, type TestBridge } from '../testing.ts';

const EventBusName = 'clips';
const EventPattern = '{"source": [{"prefix": "nullcheck."}]}';

describe('the EventBridge API', () => {
  let stateDir: string;
  let test: TestBridge;
  let seen: [string, string][];
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'eventbridge-'));
    seen = [];
    test = await startTestBridge(
      { stateDir, onEvent: (bus, event) => seen.push([bus, event.id]) },
      [`events:PutEvents ${busArn('secret')}`],
    );
    await test.client.send(new CreateEventBusCommand({ Name: EventBusName }));
  });
  afterEach(async () => {
    await test.close();
    await rm(stateDir, { recursive: true });
  });

  it('creates, describes, lists and deletes buses', async () => {
    expect(
      await test.client.send(new DescribeEventBusCommand({ Name: EventBusName })),
    ).toMatchObject({
      Name: EventBusName,
      Arn: busArn(EventBusName),
      CreationTime: expect.any(Date),
    });
    await expect(
      test.client.send(new CreateEventBusCommand({ Name: EventBusName })),
    ).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    const { EventBuses } = await test.client.send(new ListEventBusesCommand({}));
    expect(EventBuses?.map(({ Name }) => Name)).toEqual(['clips', 'default']);

    await test.client.send(new PutRuleCommand({ Name: 'r', EventBusName, EventPattern }));
    await expect(
      test.client.send(new DeleteEventBusCommand({ Name: EventBusName })),
    ).rejects.toThrow(/contains rules/);
    await test.client.send(new DeleteRuleCommand({ Name: 'r', EventBusName }));
    await test.client.send(new DeleteEventBusCommand({ Name: EventBusName }));
    await expect(
      test.client.send(new DescribeEventBusCommand({ Name: EventBusName })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('puts, describes, disables and deletes a rule', async () => {
    const rule = { Name: 'r', EventBusName };
    const { RuleArn } = await test.client.send(
      new PutRuleCommand({ ...rule, EventBusName: busArn(EventBusName), EventPattern }),
    );
    expect(RuleArn).toBe(ruleArn(EventBusName, 'r'));
    await test.client.send(
      new PutTargetsCommand({ Rule: 'r', EventBusName, Targets: [{ Id: 'q', Arn: QUEUE }] }),
    );
    await test.client.send(new PutRuleCommand({ ...rule, EventPattern, Description: 'again' }));
    expect(await test.client.send(new DescribeRuleCommand(rule))).toMatchObject({
      Arn: RuleArn,
      EventPattern,
      State: 'ENABLED',
      Description: 'again',
    });

    await test.client.send(new DisableRuleCommand(rule));
    await test.client.send(new PutEventsCommand({ Entries: entries(EventBusName, [1]) }));
    await test.client.send(new EnableRuleCommand(rule));
    await test.client.send(new PutEventsCommand({ Entries: entries(EventBusName, [2]) }));
    await test.bridge.idle();
    expect(test.numbersAt(QUEUE)).toEqual([2]);

    await expect(test.client.send(new DeleteRuleCommand(rule))).rejects.toThrow(/has targets/);
    await test.client.send(new RemoveTargetsCommand({ Rule: 'r', EventBusName, Ids: ['q'] }));
    const { Targets } = await test.client.send(
      new ListTargetsByRuleCommand({ Rule: 'r', EventBusName }),
    );
    expect(Targets).toEqual([]);
    await test.client.send(new DeleteRuleCommand(rule));
    await expect(test.client.send(new DescribeRuleCommand(rule))).rejects.toThrow(/does not exist/);
  });

  it('lists rules by prefix, page by page', async () => {
    for (const Name of ['b2', 'a1', 'b1', 'b3']) {
      await test.client.send(new PutRuleCommand({ Name, EventBusName, EventPattern }));
    }
    const list = { EventBusName, NamePrefix: 'b', Limit: 2 };
    const first = await test.client.send(new ListRulesCommand(list));
    const second = await test.client.send(
      new ListRulesCommand({ ...list, NextToken: first.NextToken }),
    );
    const names = [first, second].map(({ Rules }) => Rules?.map(({ Name }) => Name));
    expect(names).toEqual([['b1', 'b2'], ['b3']]);
    expect(second.NextToken).toBeUndefined();
  });

  it.each([
    ['no pattern and no schedule', {}, 'ValidationException', /must be specified/],
    [
      'an invalid pattern',
      { EventPattern: '{"a": [{"prefix": 1}]}' },
      'InvalidEventPatternException',
      /Event pattern is not valid. Reason: prefix match pattern must be a string/,
    ],
    ['cron', { ScheduleExpression: 'cron(0 1 * * ? *)' }, 'ValidationException', /rate\(\)/],
    [
      'a schedule on a custom bus',
      { ScheduleExpression: 'rate(1 minute)' },
      'ValidationException',
      /only on the default event bus/,
    ],
    ['a name that is a path', { Name: '../r', EventPattern }, 'ValidationException', /Name/],
    ['an absent bus', { EventBusName: 'x', EventPattern }, 'ResourceNotFoundException', /bus x/],
  ])('refuses a rule with %s', async (_name, input, code, message) => {
    const command = new PutRuleCommand({ Name: 'r', EventBusName, ...input });
    const failure = test.client.send(command);
    await expect(failure).rejects.toMatchObject({ name: code });
    await expect(failure).rejects.toThrow(message);
  });

  it('tests patterns', async () => {
    const Event = JSON.stringify({
      ...{ id: '1', account: '2', source: 'nullcheck.x', time: 't', region: 'r', resources: [] },
      'detail-type': 'd',
    });
    const result = (pattern: string, event = Event) =>
      test.client.send(new TestEventPatternCommand({ EventPattern: pattern, Event: event }));
    expect(await result(EventPattern)).toMatchObject({ Result: true });
    expect(await result('{"source": ["x"]}')).toMatchObject({ Result: false });
    await expect(result('{"source": "x"}')).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
    });
    await expect(result(EventPattern, '{"id": "1"}')).rejects.toThrow(/lacks account/);
  });

  it('takes the good entries of a call and says what is wrong with the others', async () => {
    const [good] = entries(EventBusName, [1]);
    const { FailedEntryCount, Entries = [] } = await test.client.send(
      new PutEventsCommand({
        Entries: [
          { ...good },
          { ...good, Source: undefined },
          { ...good, DetailType: '' },
          { ...good, Detail: undefined },
          { ...good, Detail: '{"n": ' },
          { ...good, Detail: '[1]' },
          { ...good, Source: 'aws.s3' },
          { ...good, EventBusName: 'absent' },
          { ...good, DetailType: 'x'.repeat(129) },
          { ...good, EventBusName: busArn(EventBusName) },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(8);
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      ...['InvalidArgument', 'InvalidArgument', 'InvalidArgument'],
      ...['MalformedDetail', 'MalformedDetail', 'NotAuthorizedForSourceException'],
      ...['InvalidArgument', 'InvalidArgument', undefined],
    ]);
    expect(Entries[1]?.ErrorMessage).toBe(
      'Parameter Source is not valid. Reason: Source is a required argument.',
    );
    expect(seen).toEqual([
      [EventBusName, Entries[0]?.EventId],
      [EventBusName, Entries[9]?.EventId],
    ]);
  });

  it.each([
    [1_000, undefined],
    [1_001, 'MalformedDetail'],
    [100_000, 'MalformedDetail'],
  ])('takes a detail of %i levels, if AWS would', async (levels, code) => {
    // The object around them is a level, too.
    const Detail = `{"deep": ${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const [good] = entries(EventBusName, [1]);
    const { Entries = [] } = await test.client.send(
      new PutEventsCommand({ Entries: [{ ...good, Detail }] }),
    );
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).toEqual([code]);
  });

  it('refuses more than ten entries, or more than a megabyte', async () => {
    const tooMany = entries(EventBusName, Array(11).fill(1));
    await expect(
      test.client.send(new PutEventsCommand({ Entries: tooMany })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    const half = { Detail: JSON.stringify({ text: 'x'.repeat(512 * 1024) }) };
    const put = (count: number) =>
      test.client.send(
        new PutEventsCommand({ Entries: entries(EventBusName, Array(count).fill(1), half) }),
      );
    expect(await put(1)).toMatchObject({ FailedEntryCount: 0 });
    await expect(put(2)).rejects.toThrow(/over the limit/);
  });

  it('refuses a caller without permission', async () => {
    await test.bridge.createEventBus({ Name: 'secret' });
    await expect(
      test.client.send(new PutEventsCommand({ Entries: entries('secret', [1]) })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(seen).toEqual([]);
  });
});
