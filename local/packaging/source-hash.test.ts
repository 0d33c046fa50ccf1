import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceHash } from './source-hash.ts';

let root: string;
let before: string;

async function write(path: string, content = ''): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'splicebus-sources-'));
  for (const name of ['package.json', 'package-lock.json', 'serverless-compose.yml']) {
    await write(name);
  }
  await write('tsconfig.json');
  await write('shared/src/keys.ts', 'keys');
  await write('services/trigger/serverless.yml', 'service: trigger');
  before = await sourceHash(root);
});

afterEach(() => rm(root, { recursive: true, force: true }));

describe('the hash of the sources', () => {
  it('changes with what a file says', async () => {
    await write('services/trigger/serverless.yml', 'service: other');
    expect(await sourceHash(root)).not.toBe(before);
  });

  it('changes with a file that is added or renamed', async () => {
    await write('services/trigger/src/new.ts');
    const added = await sourceHash(root);
    await rename(
      join(root, 'services/trigger/src/new.ts'),
      join(root, 'services/trigger/src/b.ts'),
    );
    expect(new Set([before, added, await sourceHash(root)]).size).toBe(3);
  });

  it('changes with the lock file', async () => {
    await write('package-lock.json', '{}');
    expect(await sourceHash(root)).not.toBe(before);
  });

  it('ignores tests, outputs and what no bundle holds', async () => {
    await write('shared/src/keys.test.ts', 'a test');
    await write('services/trigger/.serverless/template.json', '{}');
    await write('docs/notes.md', 'notes');
    expect(await sourceHash(root)).toBe(before);
  });
});
