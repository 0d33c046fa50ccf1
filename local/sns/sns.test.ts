import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../gateway/server.ts';
import { awsCli, hasAwsCli } from '../testing/aws-cli.ts';
import { createSns, type Notification, type Sns } from './sns.ts';

const topicArn = 'arn:aws:sns:us-east-1:000000000000:alerts';

describe('createSns', () => {
  let stateDir: string;
  let sns: Sns;
  let gateway: Gateway;
  const shown: Notification[] = [];
  const queued: [string, string][] = [];

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'splicebus-sns-'));
    shown.length = 0;
    queued.length = 0;
    sns = createSns({
      stateDir,
      onNotification: (notification) => shown.push(notification),
      sendToQueue: ({ queueArn }, body) => queued.push([queueArn, body]),
    });
    sns.createTopic(topicArn);
    gateway = await startGateway({
      port: 0,
      services: { sns },
      judge: () => ({ allowed: true }),
    });
  });
  afterEach(async () => {
    await gateway.close();
    rmSync(stateDir, { recursive: true });
  });

  const aws = async (...args: string[]) =>
    JSON.parse(await awsCli(gateway.endpointUrl, ['sns', ...args]));

  it.skipIf(!hasAwsCli)('takes what the AWS CLI publishes, shows it and keeps it', async () => {
    expect(await aws('list-topics')).toEqual({ Topics: [{ TopicArn: topicArn }] });
    const attributes = '{"level":{"DataType":"String","StringValue":"high"}}';
    const { MessageId } = await aws(
      ...['publish', '--topic-arn', topicArn, '--subject', 'Clip failed'],
      ...['--message', 'a <b> & c', '--message-attributes', attributes],
    );
    expect(shown).toMatchObject([
      {
        messageId: MessageId,
        subject: 'Clip failed',
        message: 'a <b> & c',
        messageAttributes: { level: { Type: 'String', Value: 'high' } },
      },
    ]);
    const lines = readFileSync(join(stateDir, 'sns', 'alerts.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(shown);
  });

  it('refuses an unknown topic', async () => {
    const publish = aws('publish', '--topic-arn', `${topicArn}-gone`, '--message', 'x');
    await expect(publish).rejects.toThrow('NotFound');
  });

  it('passes messages on to subscribed queues, in SNS’s envelope or raw', () => {
    sns.subscribe({ topicArn, queueArn: 'wrapped', rawDelivery: false });
    sns.subscribe({ topicArn, queueArn: 'raw', rawDelivery: true });
    sns.publish(topicArn, { message: 'hi' });
    expect(queued[1]).toEqual(['raw', 'hi']);
    expect(queued[0]?.[0]).toBe('wrapped');
    expect(JSON.parse(queued[0]?.[1] ?? '')).toMatchObject({
      Type: 'Notification',
      TopicArn: topicArn,
      Message: 'hi',
    });
  });
});
