import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const COMMAND = path.join(import.meta.dirname, '../cli/trace.ts');
let stateDir: string;

beforeAll(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'splicebus-trace-'));
  mkdirSync(path.join(stateDir, 'xray'));
  const segment = {
    trace_id: '1-6900abcd-0123456789abcdef01234567',
    id: '53995c3f42cd8ad8',
    name: 'extractor',
    start_time: 1,
    end_time: 2,
    annotations: { clipId: 'clip-a' },
  };
  writeFileSync(path.join(stateDir, 'xray', 'segments.jsonl'), `${JSON.stringify(segment)}\n`);
});

afterAll(() => rmSync(stateDir, { recursive: true }));

function trace(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', COMMAND, ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

it('draws the traces of a clip, 100 columns wide when there is no terminal', () => {
  const { status, stdout, stderr } = trace('clip-a', '--state', stateDir);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('Trace 1-6900abcd-0123456789abcdef01234567');
  expect(lines[3]).toMatch(/^ {2}extractor │█+│ 1000\.0 ms$/);
  expect(lines[3]).toHaveLength(100);
});

it('gives JSON', () => {
  const { stdout } = trace('clip-a', '--state', stateDir, '--json');
  expect(JSON.parse(stdout)).toMatchObject([
    { roots: [{ document: { name: 'extractor' }, children: [] }] },
  ]);
});

it.each(['clip-b', ''])('knows no trace of clip "%s"', (clipId) => {
  const { status, stdout, stderr } = trace(clipId || 'x', '--state', `${stateDir}${clipId}`);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toContain('No trace of clip');
});

it('explains itself when asked and when misused', () => {
  expect(trace('--help')).toMatchObject({ status: 0, stderr: '' });
  expect(trace('--help').stdout).toContain('Usage: npm run trace');
  for (const args of [[], ['a', 'b'], ['a', '--unknown']]) {
    const { status, stderr } = trace(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('Usage: npm run trace');
  }
});
