import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseWarmOptions } from './options.ts';

const folder = mkdtempSync(join(tmpdir(), 'splicebus-moments-'));
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (...args: string[]) =>
  parseWarmOptions(['--tenant', 'acme', '--episode', 'talk', ...args]);

function file(text: string): string {
  const path = join(folder, 'moments.json');
  writeFileSync(path, text);
  return path;
}

describe('parseWarmOptions', () => {
  it('takes moments from the command line', () => {
    expect(parse('--moments', '0-1000, 60000-90000')).toEqual({
      tenantId: 'acme',
      episodeId: 'talk',
      moments: [
        { startMs: 0, endMs: 1_000 },
        { startMs: 60_000, endMs: 90_000 },
      ],
      stage: 'dev',
      aws: false,
    });
  });

  it('takes moments from a file, whatever else that says of them', () => {
    const path = file('[{"startMs": 1, "endMs": 2, "label": "joke"}]');
    expect(parse('--moments', path)).toMatchObject({ moments: [{ startMs: 1, endMs: 2 }] });
  });

  it.each([
    [[], 'Say whose episode and which moments: --tenant T --episode E --moments 0-30000'],
    [['--moments', '1000'], /START-END in milliseconds such as 60000-90000, not "1000"/],
    [['--moments', '1-2,x-3'], /not "x-3"/],
    [['--moments', '2000-1000'], 'A moment must end later than it begins: 2000-1000.'],
    [['--moments', 'nowhere.json'], 'There is no file nowhere.json.'],
    [['--moments', '1-2', '--aws', '--endpoint-url', 'http://x'], /not both/],
    [['--moments', '1-2', '--endpoint-url', 'x'], /not "x"/],
    [['--moments', '1-2', '--loud'], /Unknown option '--loud'/],
  ])('refuses %j', (args, problem) => {
    expect(parse(...args)).toEqual({
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    });
  });

  it.each([
    ['no JSON', 'no JSON', /is no JSON/],
    ['no list', '{}', /holds no moments/],
    ['no moments', '[]', /holds no moments/],
    ['a time as text', '[{"startMs": "0", "endMs": 2}]', /\[0\]\.startMs|0\.startMs|startMs/],
  ])('refuses a file of %s', (_, text, problem) => {
    expect(parse('--moments', file(text))).toEqual({ problem: expect.stringMatching(problem) });
  });
});
