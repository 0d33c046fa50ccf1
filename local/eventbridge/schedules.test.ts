import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventBridge, type Delivery } from './index.ts';
import { ratePeriodMs, Schedules } from './schedules.ts';
import { ACCOUNT_ID, QUEUE, REGION } from './testing.ts';

describe('ratePeriodMs', () => {
  it.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(2 days)', 172_800_000],
  ])('%s', (expression, periodMs) => {
    expect(ratePeriodMs(expression)).toBe(periodMs);
  });

  it.each(['rate(1 minutes)', 'rate(5 minute)', 'rate(0 minutes)', 'rate(5 weeks)', 'daily', ''])(
    'refuses "%s"',
    (expression) => {
      expect(() => ratePeriodMs(expression)).toThrow(/ScheduleExpression is not valid/);
    },
  );

  it('says that cron() does not run here, and how long a rate may be', () => {
    expect(() => ratePeriodMs('cron(0 12 * * ? *)')).toThrow(/rate\(\) schedules only/);
    expect(() => ratePeriodMs('rate(25 days)')).toThrow(/24 days/);
  });
});

describe('Schedules', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fires every period, keeps its pace when set again, and stops', () => {
    const schedules = new Schedules();
    let fired = 0;
    const count = () => fired++;
    schedules.set('r', 'rate(1 minute)', count);
    vi.advanceTimersByTime(90_000);
    schedules.set('r', 'rate(1 minute)', count);
    vi.advanceTimersByTime(30_000);
    expect(fired).toBe(2);

    schedules.set('r', 'rate(1 hour)', count);
    vi.advanceTimersByTime(120_000);
    expect(fired).toBe(2);

    schedules.close();
    vi.advanceTimersByTime(86_400_000);
    expect(fired).toBe(2);
  });

  it('delivers an event of its own to the targets of a schedule rule', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'eventbridge-'));
    const delivered: Delivery[] = [];
    const bridge = createEventBridge({
      stateDir,
      accountId: ACCOUNT_ID,
      region: REGION,
      deliver: async (delivery) => {
        delivered.push(delivery);
      },
    });
    const { RuleArn } = await bridge.putRule({
      Name: 'sweep',
      ScheduleExpression: 'rate(5 minutes)',
    });
    await bridge.putTargets({ Rule: 'sweep', Targets: [{ Id: 'q', Arn: QUEUE }] });
    await vi.advanceTimersByTimeAsync(300_000);
    expect(delivered).toMatchObject([
      {
        ruleArn: RuleArn,
        payload: {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
          resources: [RuleArn],
          detail: {},
        },
      },
    ]);
    await bridge.close();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(delivered).toHaveLength(1);
    await rm(stateDir, { recursive: true });
  });
});
