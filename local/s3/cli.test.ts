import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BUCKET, startS3, temporaryFolder } from './testing.ts';

const run = promisify(execFile);

/** Every AWS CLI of this machine: versions 1 and 2 differ in how they upload. */
const found = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'aws'))
  .filter((path) => existsSync(path));
// One is often reachable by two names; it is called by the first, as shims look at their name.
const binaries = found.filter(
  (path, index) => found.findIndex((other) => realpathSync(other) === realpathSync(path)) === index,
);

if (binaries.length === 0) {
  it.skip('needs the AWS CLI: install it (apt-get install awscli, brew install awscli)', () => {});
}

describe.each(binaries)('%s', (aws) => {
  async function start() {
    const s3 = await startS3();
    const folder = await temporaryFolder();
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_CONFIG_FILE: join(folder, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
      AWS_MAX_ATTEMPTS: '1',
    };
    const cli = async (...args: string[]) =>
      (await run(aws, ['--endpoint-url', s3.endpoint, ...args], { env, cwd: folder })).stdout;
    return { ...s3, folder, cli };
  }

  it.each([
    ['small', 1_000],
    ['multipart', 20 * 1024 * 1024 + 1],
  ])('copies a %s file up, across and down', async (_size, sizeBytes) => {
    const { cli, folder, events } = await start();
    const body = randomBytes(sizeBytes);
    await writeFile(join(folder, 'up.mp4'), body);
    await cli('s3', 'cp', 'up.mp4', `s3://${BUCKET}/ep 1/ü+.mp4`);
    await cli('s3', 'cp', `s3://${BUCKET}/ep 1/ü+.mp4`, `s3://${BUCKET}/copy.mp4`);
    await cli('s3', 'cp', `s3://${BUCKET}/copy.mp4`, 'down.mp4');
    expect(body.equals(await readFile(join(folder, 'down.mp4')))).toBe(true);
    expect(events).toHaveLength(2);
    expect(await cli('s3', 'ls', `s3://${BUCKET}/`)).toMatch(
      new RegExp(`PRE ep 1/\\n.* ${sizeBytes} copy.mp4\\n$`),
    );
    expect(await cli('s3', 'ls', '--recursive', `s3://${BUCKET}`)).toContain('ep 1/ü+.mp4');
  });

  it('makes buckets, syncs and removes', async () => {
    const { cli, folder } = await start();
    await cli('s3', 'mb', 's3://made-here');
    expect(await cli('s3', 'ls')).toContain('made-here');
    await writeFile(join(folder, 'a.txt'), 'a');
    await cli('s3', 'sync', '.', 's3://made-here/dir');
    expect(await cli('s3', 'sync', '.', 's3://made-here/dir')).toBe('');
    await cli('s3', 'rm', '--recursive', 's3://made-here');
    expect(await cli('s3api', 'list-objects-v2', '--bucket', 'made-here')).not.toContain('a.txt');
  });
});
