import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * The AWS CLI that tests run: `AWS_CLI`, else Debian's, which the README names, else the first on the
 * PATH; version 1 or 2. Undefined where there is none: the tests that need it are then skipped, visibly.
 */
const AWS_CLI: string | undefined =
  process.env.AWS_CLI ??
  ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
    .map((folder) => join(folder, 'aws'))
    .find((file) => existsSync(file));

export const hasAwsCli = AWS_CLI !== undefined;

/**
 * Runs the AWS CLI against an endpoint, with nobody's credentials and none of this machine's settings.
 * @returns what it printed, JSON where the command prints data
 * @throws Error with what it complained of
 */
export async function awsCli(
  endpointUrl: string,
  args: readonly string[],
  options: { region?: string; cwd?: string } = {},
): Promise<string> {
  const { region = 'us-east-1', cwd } = options;
  const { stdout } = await promisify(execFile)(
    AWS_CLI!,
    ['--endpoint-url', endpointUrl, '--region', region, '--output', 'json', ...args],
    {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: tmpdir(),
        AWS_CONFIG_FILE: '/nonexistent',
        AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
        AWS_ACCESS_KEY_ID: 'laptop',
        AWS_SECRET_ACCESS_KEY: 'laptop',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_MAX_ATTEMPTS: '1',
        AWS_PAGER: '',
      },
    },
  );
  return stdout;
}
