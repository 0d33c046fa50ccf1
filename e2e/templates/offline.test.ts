import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
/** Nothing listens on the port "discard". */
const NOWHERE = 'http://127.0.0.1:9';

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'splicebus-offline-'));
  for (const name of ['package.json', 'tsconfig.json', 'shared', 'services']) {
    await cp(join(REPOSITORY, name), join(copy, name), {
      recursive: true,
      filter: (source) => !basename(source).startsWith('.'),
    });
  }
  await symlink(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rm(copy, { recursive: true, force: true }));

it('packages a service alone, in its folder, without credentials or network', async () => {
  const folder = join(copy, 'services', 'extractor');
  await promisify(execFile)('npx', ['--no-install', 'serverless', 'package'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: copy,
      HTTP_PROXY: NOWHERE,
      HTTPS_PROXY: NOWHERE,
      http_proxy: NOWHERE,
      https_proxy: NOWHERE,
      AWS_ENDPOINT_URL: NOWHERE,
    },
  });
  expect(await readdir(join(folder, '.serverless'))).toEqual(
    expect.arrayContaining(['cloudformation-template-update-stack.json', 'segmentRequested.zip']),
  );
});
