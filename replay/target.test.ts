import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { DEFAULT_PORT } from '#local/cli/start-options';
import { lockStateDir } from '#local/stack/lock';
import { LOCAL_ENDPOINT_URL } from './connection.ts';
import { parseReplayOptions, type ReplayOptions } from './options.ts';
import { openTarget } from './target.ts';

const directory = mkdtempSync(join(tmpdir(), 'splicebus-target-'));
const stateDir = join(directory, '.splicebus');
beforeEach(() => rmSync(stateDir, { recursive: true, force: true }));
afterAll(() => rmSync(directory, { recursive: true }));

const open = (...args: string[]) => {
  const options = parseReplayOptions(['--from', '1h', '--region', 'eu-west-1', ...args]);
  return openTarget(options as ReplayOptions, directory);
};

it('is AWS where nothing else is named or serves', async () => {
  expect(await open()).toMatchObject({
    description: 'splicebus-dev at AWS, eu-west-1',
    isAws: true,
    name: 'splicebus-dev',
  });
});

it('is the stack that serves from the directory', async () => {
  expect(LOCAL_ENDPOINT_URL).toBe(`http://127.0.0.1:${DEFAULT_PORT}`);
  const unlock = lockStateDir(stateDir);
  expect(await open()).toMatchObject({
    description: 'splicebus-dev at http://127.0.0.1:4580',
    isAws: false,
  });
  expect(await open('--aws')).toMatchObject({ isAws: true });
  unlock();
  expect(await open()).toMatchObject({ isAws: true });
});

it('is not a stack that has crashed', async () => {
  mkdirSync(stateDir);
  writeFileSync(join(stateDir, 'lock'), '999999999');
  expect(await open()).toMatchObject({ isAws: true });
});

it('is the stack that is named, with credentials of nobody', async () => {
  const { description, events } = await open(
    '--endpoint-url',
    'http://127.0.0.1:9',
    '--stage',
    'qa',
  );
  expect(description).toBe('splicebus-qa at http://127.0.0.1:9');
  expect(await events.config.credentials()).toMatchObject({ accessKeyId: 'local' });
});
