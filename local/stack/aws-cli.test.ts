import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, hasAwsCli } from '../testing/aws-cli.ts';
import { type Stack, startStack } from './index.ts';
import { fixturePackages } from './testing/packages.ts';

describe.skipIf(!hasAwsCli)('the AWS CLI on the stack', () => {
  const directory = mkdtempSync(join(tmpdir(), 'splicebus-cli-'));
  let stack: Stack;

  beforeAll(async () => {
    const packages = fixturePackages(join(directory, 'packages'));
    stack = await startStack({ stateDir: join(directory, 'state'), packages });
  });
  afterAll(async () => {
    await stack.stop();
    rmSync(directory, { recursive: true });
  });

  const run = (...args: string[]) => awsCli(stack.endpointUrl, args, { region: stack.region });
  const json = async (...args: string[]) => JSON.parse(await run(...args));

  it('says who it is', async () => {
    expect(await json('sts', 'get-caller-identity')).toMatchObject({ Account: '000000000000' });
  });

  it('puts events, and reads what became of them', async () => {
    const entry = {
      EventBusName: stack.busName,
      Source: 'test',
      DetailType: 'Record',
      Detail: '{"id":"cli"}',
    };
    const { FailedEntryCount } = await json(
      ...['events', 'put-events', '--entries', JSON.stringify([entry])],
    );
    expect(FailedEntryCount).toBe(0);
    await stack.idle();

    const key = JSON.stringify({ pk: { S: 'cli' }, sk: { S: 'note' } });
    expect(
      await json('dynamodb', 'get-item', '--table-name', stack.tableName, '--key', key),
    ).toMatchObject({ Item: { pk: { S: 'cli' } } });
  });

  it('lists rules', async () => {
    const { Rules } = await json('events', 'list-rules', '--event-bus-name', stack.busName);
    expect(Rules.map(({ Name }: { Name: string }) => Name)).toContain('splicebus-dev-Record');
  });

  it('copies files to and from S3 and lists them', async () => {
    const [from, to] = [join(directory, 'from.txt'), join(directory, 'to.txt')];
    writeFileSync(from, 'hello');
    const url = `s3://${stack.bucketName}/dir/file.txt`;
    await run('s3', 'cp', from, url);
    await run('s3', 'cp', url, to);
    expect(readFileSync(to, 'utf8')).toBe('hello');
    expect(await run('s3', 'ls', `s3://${stack.bucketName}/dir/`)).toMatch(/5 file\.txt/);
    expect(await run('s3', 'ls')).toContain(stack.bucketName);
  });

  it('receives from a queue', async () => {
    const entry = {
      EventBusName: stack.busName,
      Source: 'test',
      DetailType: 'Outbox',
      Detail: '{"id":"cli"}',
    };
    await run('events', 'put-events', '--entries', JSON.stringify([entry]));
    await stack.idle();
    const { QueueUrl } = await json('sqs', 'get-queue-url', '--queue-name', 'outbox');
    const { Messages } = await json('sqs', 'receive-message', '--queue-url', QueueUrl);
    expect(JSON.parse(Messages[0].Body)).toMatchObject({ 'detail-type': 'Outbox' });
  });

  it('invokes a function', async () => {
    const output = join(directory, 'output.json');
    // As a file: versions 1 and 2 of the CLI disagree on how a payload in an argument is encoded.
    const payload = join(directory, 'payload.json');
    writeFileSync(payload, '{"Records":[]}');
    const call = ['lambda', 'invoke', '--function-name', 'work-letter'];
    call.push('--payload', `fileb://${payload}`);
    expect(await json(...call, output)).toMatchObject({ StatusCode: 200 });
  });
});
