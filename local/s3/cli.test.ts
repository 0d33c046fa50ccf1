import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { awsCli, hasAwsCli } from '../testing/aws-cli.ts';
import { BUCKET, startS3, temporaryFolder } from './testing.ts';

describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
  async function start() {
    const s3 = await startS3();
    const folder = await temporaryFolder();
    const cli = (...args: string[]) =>
      awsCli(s3.endpoint, args, { region: 'eu-central-1', cwd: folder });
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
