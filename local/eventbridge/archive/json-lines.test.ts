import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JsonLines } from './json-lines.ts';

describe('JsonLines', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'json-lines-'));
    file = join(directory, 'deeper', 'values.jsonl');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is empty before anything is appended', async () => {
    const lines = new JsonLines(file);
    expect(await lines.read()).toEqual([]);
    expect(await lines.sizeBytes()).toBe(0);
    await lines.remove();
  });

  it('keeps the order of values appended at once, and has them on the disk when it says so', async () => {
    const lines = new JsonLines<number>(file);
    const values = Array.from({ length: 500 }, (_, n) => n);
    await Promise.all(values.map((value) => lines.append(value)));
    expect(await new JsonLines(file).read()).toEqual(values);
  });

  it('passes over a line that a crash cut off, and does not spoil the next one', async () => {
    await new JsonLines(file).append({ n: 1 });
    await appendFile(file, '{"n": 2, "cut');
    const reopened = new JsonLines(file);
    await reopened.append({ n: 3 });
    expect(await reopened.read()).toEqual([{ n: 1 }, { n: 3 }]);
  });

  it('drops what need not be retained, and goes on', async () => {
    const lines = new JsonLines<number>(file);
    await Promise.all([1, 2, 3, 4].map((value) => lines.append(value)));
    await Promise.all([lines.retain((value) => value % 2 === 0), lines.append(5)]);
    expect(await lines.read()).toEqual([2, 4, 5]);
    expect(await readFile(file, 'utf8')).not.toContain('1');
  });

  it('reports a failed write to those who wait for it, and tries the next', async () => {
    await appendFile(join(directory, 'deeper'), 'a file where the directory should be');
    const lines = new JsonLines<number>(file);
    await expect(lines.append(1)).rejects.toThrow();
    await rm(join(directory, 'deeper'));
    await lines.append(2);
    expect(await lines.read()).toEqual([2]);
  });
});
